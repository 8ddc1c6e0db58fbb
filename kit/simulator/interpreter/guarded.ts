import type { MapState, TaskState } from "./definition";
import { StatesError, takesError } from "./errors";
import { Retries } from "./retry";
import type { StateRun, Step } from "./state-run";

/**
 * Runs a state that has Retry and Catch until it succeeds, is caught, or fails for good.
 *
 * @param attemptOnce makes one attempt; 0 is the first
 */
export async function guarded(
  run: StateRun,
  state: TaskState | MapState,
  attemptOnce: (attempt: number) => Promise<unknown>,
): Promise<Step> {
  const { execution, world } = run;
  execution.record(1);
  const retries = new Retries(state.Retry, world.random);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const output = await attemptOnce(attempt);
      execution.record(1);
      return { output, next: state.Next };
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const delay = retries.delayMilliseconds(error.error);
      if (delay === undefined) return caught(run, state, error);
      world.log("state_retried", { execution: execution.name, state: run.stateName, error: error.error, attempt, delay });
      await world.clock.sleep(delay, execution.signal);
    }
  }
}

/** @throws the error itself when no catcher takes it */
function caught(run: StateRun, state: TaskState | MapState, error: StatesError): Step {
  const catcher = state.Catch.find(({ ErrorEquals }) => takesError(ErrorEquals, error.error));
  if (catcher === undefined) throw error;
  run.world.log("state_caught", { execution: run.execution.name, state: run.stateName, error: error.error, next: catcher.Next });
  run.execution.record(1);
  return { output: catcher.ResultPath(run.rawInput, { Error: error.error, Cause: error.cause }), next: catcher.Next };
}
