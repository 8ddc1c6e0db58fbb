import { z } from "zod";
import { StatesError } from "./errors";
import type { Execution } from "./execution";
import type { Scope, Template } from "./paths";
import { statesArn, type World } from "./world";

/** A state being run: where, with what. */
export interface StateRun {
  readonly world: World;
  readonly execution: Execution;
  readonly stateName: string;
  /** What the state was entered with; ResultPath and Catch work on it. */
  readonly rawInput: unknown;
  readonly enteredAt: number;
}

/** What came of a state. `next` is undefined at the end. */
export interface Step {
  readonly output: unknown;
  readonly next: string | undefined;
}

/** The input as Parameters and the state's own work see it. */
export const inputOf = (run: StateRun, inputPath: Template | null | undefined): unknown => filtered(run, inputPath, run.rawInput);
/** The output as the next state sees it. */
export const outputOf = (run: StateRun, outputPath: Template | null | undefined, output: unknown): unknown =>
  filtered(run, outputPath, output);

function filtered(run: StateRun, path: Template | null | undefined, data: unknown): unknown {
  if (path === undefined) return data;
  return path === null ? {} : path(scopeOf(run, data));
}

/** What a state's paths reach: its data, and the context object. https://docs.aws.amazon.com/step-functions/latest/dg/input-output-contextobject.html */
export function scopeOf(run: StateRun, data: unknown, more: Readonly<Record<string, unknown>> = {}, retryCount = 0): Scope {
  const { execution, stateName, enteredAt } = run;
  return {
    data,
    context: () => ({
      Execution: {
        Id: execution.arn,
        Name: execution.name,
        Input: execution.input,
        StartTime: new Date(execution.startedAt).toISOString(),
      },
      State: { Name: stateName, EnteredTime: new Date(enteredAt).toISOString(), RetryCount: retryCount },
      StateMachine: { Id: statesArn("stateMachine", execution.machineName), Name: execution.machineName },
      ...more,
    }),
  };
}

/** Checks what a service is called with, once its paths are filled in. @throws StatesError States.Runtime */
export function calledWith<S extends z.ZodType>(schema: S, parameters: unknown): z.output<S> {
  const result = schema.safeParse(parameters);
  if (!result.success) throw new StatesError("States.Runtime", `Invalid parameters of the service call: ${z.prettifyError(result.error)}`);
  return result.data;
}
