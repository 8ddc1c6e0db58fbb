import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../ports/clock";
import { parseDefinition, type Machine } from "./definition";
import { DataTooLongError } from "./errors";
import { Execution } from "./execution";
import { CHILD_STARTS_PER_SECOND, jsonBytes, MAXIMUM_DATA_BYTES, transported } from "./limits";
import { runExecution } from "./run-execution";
import { TaskTokens } from "./task-tokens";
import type { ExecutionStatus, SendTwice, StatusChange, TaskServices, World } from "./world";

export interface StepFunctionsOptions {
  /** JSON of the Amazon States Language. */
  readonly definition: unknown;
  readonly machineName: string;
  /** All time that passes. */
  readonly clock: Clock;
  /** For jitter: from 0 (included) to 1 (excluded). */
  readonly random: () => number;
  readonly services: TaskServices;
  /** @default the definition's TimeoutSeconds, else none */
  readonly executionTimeoutSeconds?: number;
  /** Children a Map Run starts in a second at most. @default 100 - AWS's quota for Standard children */
  readonly childStartsPerSecond?: number;
  /** @default never */
  readonly sendTwice?: SendTwice;
  /** Called for executions that ended, never for a map's children, after the call that ended them. */
  readonly onStatusChange?: (event: StatusChange) => void;
  /** Called for each execution that starts, but for a map's children. */
  readonly onStart?: () => void;
  readonly log?: (event: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What DescribeExecution tells. Times are milliseconds since the epoch. */
export interface ExecutionDescription {
  readonly status: ExecutionStatus;
  readonly startedAt: number;
  readonly stoppedAt?: number;
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

/**
 * Standard executions of one state machine, interpreted as Step Functions runs them (docs/simulator-interpreter.md), with no I/O and no
 * time of its own: the same clock, random numbers and services give the same history.
 */
export class StepFunctions {
  private readonly world: World;
  private readonly machine: Machine;
  private readonly timeoutSeconds: number | undefined;
  private readonly executions = new Map<string, Execution>();
  private readonly onStatusChange: ((event: StatusChange) => void) | undefined;
  private readonly onStart: (() => void) | undefined;

  /** @throws UnsupportedDefinitionError */
  public constructor({ definition, machineName, ...options }: StepFunctionsOptions) {
    this.machine = parseDefinition(machineName, definition);
    this.timeoutSeconds = options.executionTimeoutSeconds ?? this.machine.TimeoutSeconds;
    this.world = {
      machineName,
      clock: options.clock,
      random: options.random,
      services: options.services,
      tokens: new TaskTokens(machineName),
      sendTwice: options.sendTwice ?? (() => false),
      log: options.log ?? (() => undefined),
      childStartsPerSecond: options.childStartsPerSecond ?? CHILD_STARTS_PER_SECOND,
    };
    this.onStatusChange = options.onStatusChange;
    this.onStart = options.onStart;
  }

  /**
   * StartExecution.
   *
   * @returns `running` when that name runs with the same input already, which AWS answers like a new one; `closed` where AWS answers
   *   ExecutionAlreadyExists: the name is closed, or runs with another input
   * @throws DataTooLongError
   */
  public startExecution(name: string, input: unknown): "started" | "running" | "closed" {
    const bytes = jsonBytes(input);
    if (bytes > MAXIMUM_DATA_BYTES) throw new DataTooLongError(`the input of ${name}`, bytes, MAXIMUM_DATA_BYTES);
    const copy = transported(input);
    const known = this.executions.get(name);
    if (known !== undefined) return known.status === "RUNNING" && isDeepStrictEqual(known.input, copy) ? "running" : "closed";
    const { machineName, clock, log } = this.world;
    const execution = new Execution({
      name,
      machineName,
      machine: this.machine,
      input: copy,
      startedAt: clock.now(),
      onClosed: (closed, status) => {
        log("execution_closed", { execution: name, status, ...closed.outcome });
        void this.tell({ name, status, ...errorOf(closed) });
      },
    });
    this.executions.set(name, execution);
    log("execution_started", { execution: name });
    this.onStart?.();
    void runExecution(this.world, execution);
    if (this.timeoutSeconds !== undefined) void this.endInTime(execution, this.timeoutSeconds);
    return "started";
  }

  private async tell(event: StatusChange): Promise<void> {
    // never within the call that ended the execution: its caller's own steps come first
    await Promise.resolve();
    this.onStatusChange?.(event);
  }

  /**
   * StopExecution. Children that run are aborted with their parent; messages that were sent stay, functions that run go on.
   *
   * @returns false when it is over, or there is none of that name
   */
  public stopExecution(name: string, error: string, cause: string): boolean {
    return this.find(name)?.close("ABORTED", this.world.clock.now(), { error, cause }) ?? false;
  }

  /** DescribeExecution. @returns undefined where AWS answers ExecutionDoesNotExist */
  public describeExecution(name: string): ExecutionDescription | undefined {
    const execution = this.find(name);
    if (execution === undefined) return undefined;
    const { status, startedAt, stoppedAt, outcome } = execution;
    return {
      status,
      startedAt,
      ...(stoppedAt === undefined ? {} : { stoppedAt }),
      ...(status === "SUCCEEDED" ? { output: outcome.output } : {}),
      ...errorOf(execution),
    };
  }

  /** SendTaskSuccess. @throws TaskTimedOutError, TaskDoesNotExistError, InvalidTokenError, DataTooLongError */
  public sendTaskSuccess(token: string, output: unknown): void {
    const bytes = jsonBytes(output);
    if (bytes > MAXIMUM_DATA_BYTES) throw new DataTooLongError("the output of a task", bytes, MAXIMUM_DATA_BYTES);
    this.world.tokens.succeed(token, transported(output));
  }

  /** SendTaskFailure. @throws TaskTimedOutError, TaskDoesNotExistError, InvalidTokenError */
  public sendTaskFailure(token: string, error: string, cause: string): void {
    this.world.tokens.fail(token, error, cause);
  }

  /** Child executions of all Map Runs of an execution, in the order of their start. */
  public children(name: string): { readonly name: string; readonly status: ExecutionStatus }[] {
    return (this.executions.get(name)?.children ?? []).map((child) => ({ name: child.name, status: child.status }));
  }

  /** Names of the executions that run, those of children left out. */
  public openExecutions(): string[] {
    return [...this.executions.values()].filter(({ status }) => status === "RUNNING").map(({ name }) => name);
  }

  /** Events in the history of an execution so far. */
  public historyEvents(name: string): number {
    return this.find(name)?.historyEvents ?? 0;
  }

  /** An execution of the machine, or of a map's child. */
  private find(name: string): Execution | undefined {
    const known = this.executions.get(name);
    if (known !== undefined) return known;
    const parts = [...this.executions.values()].flatMap(({ children }) => children);
    return parts.find((child) => child.name === name);
  }

  private async endInTime(execution: Execution, timeoutSeconds: number): Promise<void> {
    const { clock } = this.world;
    try {
      await clock.sleep(timeoutSeconds * 1_000, execution.signal);
    } catch (error) {
      if (execution.status === "RUNNING") throw error;
      return;
    }
    execution.close("TIMED_OUT", clock.now(), { error: "States.Timeout", cause: `The execution timed out after ${timeoutSeconds} s.` });
  }
}

const errorOf = ({ outcome: { error, cause } }: Execution): { error?: string; cause?: string } => ({
  ...(error === undefined ? {} : { error }),
  ...(cause === undefined ? {} : { cause }),
});
