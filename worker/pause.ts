import type { Clock } from "../kit/ports/clock";

/** Sleeps, but no longer than until aborted; being aborted is how such a pause ends, not an error. */
export async function pause(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(milliseconds, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** The signal as it is now: to the compiler a signal that was not aborted before an `await` still isn't after it. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;
