import { setMaxListeners } from "node:events";
import type { AnyMachine } from "./definition";
import { StatesError } from "./errors";
import { MAXIMUM_HISTORY_EVENTS } from "./limits";
import { statesArn, type ClosedStatus, type ExecutionStatus } from "./world";

/** Reason of the abort of everything that an execution waits for when it is closed from outside. */
export class ExecutionClosedError extends Error {
  public override readonly name = "ExecutionClosedError";
}

export interface Outcome {
  readonly output?: unknown;
  readonly error?: string;
  readonly cause?: string;
}

export interface ExecutionProps {
  readonly name: string;
  /** `machine`, or `machine/Label` for a map's child. */
  readonly machineName: string;
  readonly machine: AnyMachine;
  readonly input: unknown;
  readonly startedAt: number;
  readonly onClosed?: (execution: Execution, status: ClosedStatus) => void;
}

/** One execution: how it stands, and how many events its history has. */
export class Execution {
  public readonly name: string;
  public readonly machineName: string;
  public readonly machine: AnyMachine;
  public readonly input: unknown;
  public readonly startedAt: number;
  public readonly children: Execution[] = [];
  public stoppedAt: number | undefined;
  public outcome: Outcome = {};
  /** Map Runs it started so far. */
  public mapRuns = 0;
  private current: ExecutionStatus = "RUNNING";
  /** The first is ExecutionStarted. */
  private events = 1;
  private readonly closing = new AbortController();
  private readonly onClosed: ExecutionProps["onClosed"];

  public constructor(props: ExecutionProps) {
    this.name = props.name;
    this.machineName = props.machineName;
    this.machine = props.machine;
    this.input = props.input;
    this.startedAt = props.startedAt;
    this.onClosed = props.onClosed;
    // each of a Map Run's lanes listens
    setMaxListeners(0, this.closing.signal);
  }

  public get status(): ExecutionStatus {
    return this.current;
  }
  public get arn(): string {
    return statesArn("execution", `${this.machineName}:${this.name}`);
  }
  public get historyEvents(): number {
    return this.events;
  }
  /** Aborted when the execution is closed. */
  public get signal(): AbortSignal {
    return this.closing.signal;
  }

  /**
   * Adds events to the history.
   *
   * @throws StatesError when the last event that fits would not be the end. No retry and no catcher takes it
   */
  public record(events: number): void {
    this.events += events;
    if (this.events < MAXIMUM_HISTORY_EVENTS) return;
    this.events = MAXIMUM_HISTORY_EVENTS - 1;
    throw new StatesError("States.Runtime", `The execution reached the maximum number of history events (${MAXIMUM_HISTORY_EVENTS}).`);
  }

  /**
   * Ends it once; its children that still run are aborted with it, and everything it waits for is given up.
   *
   * @returns false when it was over already
   */
  public close(status: ClosedStatus, now: number, outcome: Outcome): boolean {
    if (this.current !== "RUNNING") return false;
    this.current = status;
    this.stoppedAt = now;
    this.outcome = outcome;
    this.events += 1;
    this.closing.abort(new ExecutionClosedError(`execution ${this.name} is over: ${status}`));
    for (const child of this.children) child.close("ABORTED", now, {});
    this.onClosed?.(this, status);
    return true;
  }
}
