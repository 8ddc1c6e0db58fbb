import type { LogEvent } from "../kit/lib/log";
import type { Clock } from "../kit/ports/clock";
import type { Ledger } from "../systems/batch/ports/ledger";
import type { SpotNotices } from "../kit/ports/spot-notices";
import { within } from "../kit/lib/within";
import { untilTold } from "./until-told";

/** Of the 120 s that a notice leaves; a ledger that doesn't answer must not keep the worker from draining. */
const NOTE_MILLISECONDS = 5_000;

export interface SpotWatchDeps {
  /** Absent: nothing is watched. */
  readonly spotNotices?: SpotNotices;
  readonly ledger: Pick<Ledger, "noteSpotNotice">;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * Waits for EC2's word that it takes the instance back, notes it in the ledger (whatever happens to the worker then is explained),
 * and aborts `taken`. Never rejects; ends with `ended`.
 */
export async function watchSpot(deps: SpotWatchDeps, workerId: string, taken: AbortController, ended: AbortSignal): Promise<void> {
  const { clock, ledger, log, spotNotices } = deps;
  if (spotNotices === undefined) return;
  const onFailure = (error: unknown): void => {
    // a metadata service that doesn't answer now is asked again; without the notice SQS still brings the message back
    log("warn", "spot_watch_failed", { error });
  };
  const at = await untilTold({ ask: () => spotNotices.next(), onFailure }, clock, ended);
  if (at === undefined) return;
  log("warn", "spot_notice", { at });
  try {
    await within(clock, NOTE_MILLISECONDS, "noting a spot notice", ledger.noteSpotNotice(workerId, at));
  } catch (error) {
    // the worker releases its claims itself; the note is for those it gets no time to release
    log("error", "spot_note_failed", { error });
  }
  taken.abort();
}
