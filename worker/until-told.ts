import type { Clock } from "../kit/ports/clock";
import { pause } from "./pause";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html recommends every 5 seconds. */
const POLL_MILLISECONDS = 5_000;

export interface Question<T> {
  readonly ask: () => Promise<T | undefined>;
  /** It is asked again all the same. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Asks what the instance is told, again and again, until the answer is more than undefined.
 *
 * @returns the answer, or undefined when aborted first
 */
export async function untilTold<T>({ ask, onFailure }: Question<T>, clock: Clock, signal: AbortSignal): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      onFailure(error);
    }
    await pause(clock, POLL_MILLISECONDS, signal);
  }
  return undefined;
}
