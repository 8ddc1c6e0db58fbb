/** What becomes of an event that nobody waits for and that fails or can't be taken at once. */
export interface AsynchronousEvents {
  /** Attempts after one that failed; throttled ones don't count. */
  readonly retries: number;
  /** How long it may wait in Lambda's queue. */
  readonly maximumAgeSeconds: number;
}

/**
 * For functions that are called by schedule: the next call does what a failed one didn't, and one that had to wait is no use beside it.
 * A minute is the shortest age there is, and the shortest period of a schedule.
 */
export const NEXT_RUN_REPAIRS: AsynchronousEvents = { retries: 0, maximumAgeSeconds: 60 };
