import type { LogEvent } from "../core/chunk-work/chunk-deps";
import type { Clock } from "../core/ports/clock";
import type { SpotNotices } from "../core/ports/spot-notices";
import { pause } from "./pause";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html recommends every 5 seconds. */
const POLL_MILLISECONDS = 5_000;

/** Resolves with the time at which the instance will be taken, or with undefined when aborted first. */
export async function untilSpotNotice(notices: SpotNotices, clock: Clock, log: LogEvent, signal: AbortSignal): Promise<string | undefined> {
  while (!signal.aborted) {
    try {
      const at = await notices.next();
      if (at !== undefined) return at;
    } catch (error) {
      // a metadata service that doesn't answer now is asked again; without the notice SQS still brings the message back
      log("warn", "spot_watch_failed", { error });
    }
    await pause(clock, POLL_MILLISECONDS, signal);
  }
  return undefined;
}
