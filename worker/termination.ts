import type { LogEvent } from "../kit/lib/log";
import type { Termination } from "../kit/ports/capacity";
import type { Clock } from "../kit/ports/clock";
import { pause } from "./pause";
import { untilTold } from "./until-told";

/** A group takes some seconds from its decision until it waits, and until then there is nothing to complete. */
const ASK_AGAIN_MILLISECONDS = 5_000;
/** After two minutes something else is wrong (a permission, a hook that is gone); the hook's own timeout ends the instance all the same. */
const PATIENCE_MILLISECONDS = 120_000;

export interface TerminationDeps {
  /** Absent: no group holds the instance's end up. */
  readonly termination?: Termination;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/** Waits until the instance's group decides on its end, and aborts `ending`. Never rejects; ends with `ended`. */
export async function watchTermination(deps: TerminationDeps, ending: AbortController, ended: AbortSignal): Promise<void> {
  const { clock, log, termination } = deps;
  if (termination === undefined) return;
  const ask = async (): Promise<true | undefined> => ((await termination.isDue()) ? true : undefined);
  const onFailure = (error: unknown): void => {
    log("warn", "termination_watch_failed", { error });
  };
  if ((await untilTold({ ask, onFailure }, clock, ended)) === undefined) return;
  log("info", "termination_due", {});
  ending.abort();
}

/**
 * Tells the group that the worker is drained, so that it doesn't wait until the hook's timeout. Never rejects.
 *
 * @param stop the machine goes down: there is no one to tell any more
 */
export async function completeTermination({ clock, log, termination }: TerminationDeps, stop: AbortSignal): Promise<void> {
  if (termination === undefined) return;
  const latest = clock.monotonic() + PATIENCE_MILLISECONDS;
  let failure: unknown;
  while (!stop.aborted && clock.monotonic() < latest) {
    try {
      failure = undefined;
      if (await termination.complete()) {
        log("info", "termination_completed", {});
        return;
      }
    } catch (error) {
      failure = error;
    }
    await pause(clock, ASK_AGAIN_MILLISECONDS, stop);
  }
  if (!stop.aborted) log("warn", "termination_not_completed", { ...(failure === undefined ? {} : { error: failure }) });
}
