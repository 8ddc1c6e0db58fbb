import { StatesError } from "./errors";
import type { StateRun } from "./state-run";

/** Reason of the abort when nobody waits for a task's work any more. */
class UnobservedError extends Error {
  public override readonly name = "UnobservedError";
  public constructor() {
    super("the task is over; nobody observes this work any more");
  }
}

/**
 * Waits for a task's work, for its timeout, or for the end of the execution, whichever comes first. Work that is not waited for any
 * more goes on unobserved.
 *
 * @param work its signal is aborted when nobody observes it any more
 * @throws StatesError States.Timeout
 */
export function untilOver<T>(
  { execution, stateName, world }: StateRun,
  timeoutSeconds: number | undefined,
  work: (observed: AbortSignal) => Promise<T>,
): Promise<T> {
  const observed = new AbortController();
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      execution.signal.removeEventListener("abort", onClosed);
      settle();
      observed.abort(new UnobservedError());
    };
    const onClosed = (): void => {
      end(() => {
        reject(asError(execution.signal.reason));
      });
    };
    const fail = (error: unknown): void => {
      // an error of unobserved work is nobody's, unless it is a mistake in the simulation
      if (over && !(error instanceof StatesError) && !(error instanceof UnobservedError)) throw error;
      end(() => {
        reject(asError(error));
      });
    };
    if (execution.signal.aborted) {
      onClosed();
      return;
    }
    execution.signal.addEventListener("abort", onClosed, { once: true });
    void work(observed.signal).then((result) => {
      end(() => {
        resolve(result);
      });
    }, fail);
    if (timeoutSeconds !== undefined) {
      void world.clock.sleep(timeoutSeconds * 1_000, observed.signal).then(() => {
        fail(new StatesError("States.Timeout", `The task '${stateName}' timed out after ${timeoutSeconds} s.`));
      }, fail);
    }
  });
}

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown), { cause: thrown }));
