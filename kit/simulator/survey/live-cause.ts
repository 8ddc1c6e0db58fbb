import type { CloudWatch } from "../cloudwatch/cloud-watch";
import { HOUR, MINUTE } from "../kernel/times";
import type { VirtualTime } from "../kernel/virtual-time";
import type { CauseOutcome } from "./alarm-cause";

/** Before the cause all is well for so long: queues that somebody polls report by then. */
const CALM_MILLISECONDS = 30 * MINUTE;
/** A cause that no alarm tells of for so long will not be told of. Queues forget after 14 days. */
const LONGEST_MILLISECONDS = 20 * 24 * HOUR;

/**
 * Lets a world go on in peace, then with a cause until an alarm fires, then without it until the alarm is over.
 *
 * @param begin makes the cause. @returns takes it away
 */
export async function liveThroughCause(
  { cloudWatch, time }: { readonly cloudWatch: CloudWatch; readonly time: VirtualTime },
  alarmName: string,
  begin: () => () => void,
): Promise<CauseOutcome> {
  const isOn = (): boolean => cloudWatch.stateOf(alarmName) === "ALARM";
  let end: (() => void) | undefined;
  time.after(CALM_MILLISECONDS, () => {
    end = begin();
  });
  await time.run(() => end !== undefined, Number.POSITIVE_INFINITY);
  const begunAt = time.now();
  await time.run(isOn, begunAt + LONGEST_MILLISECONDS);
  const endedAt = time.now();
  if (isOn()) {
    end?.();
    await time.run(() => !isOn(), endedAt + LONGEST_MILLISECONDS);
  }
  return { history: [...cloudWatch.history], begunAt, endedAt };
}
