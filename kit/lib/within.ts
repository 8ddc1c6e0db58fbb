import type { Clock } from "../ports/clock";

/** Something did not answer in its time. */
export class TimeLimitError extends Error {
  public override readonly name = "TimeLimitError";
  public constructor(what: string, milliseconds: number) {
    super(`${what} did not end within ${milliseconds} ms; it is not waited for any longer`);
  }
}

const ANSWERED = new Error("it ended in its time");

/**
 * Waits for `work`, but no longer than its time; what it does later is of no interest any more.
 *
 * @param what names the work in the error
 * @throws TimeLimitError, or what `work` rejects with
 */
export async function within<T>(clock: Clock, milliseconds: number, what: string, work: Promise<T>): Promise<T> {
  const answered = new AbortController();
  const late = clock.sleep(milliseconds, answered.signal).then(() => {
    throw new TimeLimitError(what, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    // a reason of one's own: the default one is made anew each time, with its stack
    answered.abort(ANSWERED);
  }
}
