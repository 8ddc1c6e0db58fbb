/**
 * Tries of one call of a service, the first included. With the pauses below the last comes 3 s after the first on average, 6 s at most:
 * that outlasts a lost connection, a host of the service that goes down, and the jolt of a partition that is split. What lasts longer is
 * waited out where the work can be kept meanwhile (systems/batch/core/chunk-work/in-place.ts), not here, where a call keeps a socket's
 * turn.
 */
export const CALL_ATTEMPTS = 6;
const FIRST_CALL_PAUSE_MILLISECONDS = 200;
/** Longer pauses would outlast the time of a small function. Six tries never reach it; more would. */
const LONGEST_CALL_PAUSE_MILLISECONDS = 20_000;

/** What a pause may be at most before it is repeated: doubles from the first one on. */
export interface Backoff {
  readonly firstMilliseconds: number;
  readonly longestMilliseconds: number;
}

/**
 * A pause before a retry: anything up to a bound that doubles ("full jitter"), so that those who failed together don't come back together.
 * https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 *
 * @param retry 1 for the first retry
 * @param fraction random, from 0 up to 1
 * @returns whole milliseconds, at least 1
 */
export const pauseBefore = (retry: number, fraction: number, { firstMilliseconds, longestMilliseconds }: Backoff): number =>
  1 + Math.floor(fraction * Math.min(longestMilliseconds, firstMilliseconds * 2 ** (retry - 1)));

/** The pause before a call of a service is made again. */
export const callPause = (retry: number, fraction: number): number =>
  pauseBefore(retry, fraction, { firstMilliseconds: FIRST_CALL_PAUSE_MILLISECONDS, longestMilliseconds: LONGEST_CALL_PAUSE_MILLISECONDS });
