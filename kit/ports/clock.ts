/** Time as a value, so that tests and the simulated world own it. */
export interface Clock {
  /**
   * What time it is, in milliseconds since the epoch. It may be wrong and may step, forwards and back: for what others read (rows,
   * messages, leases), never for how long something took.
   */
  now(): number;
  /** Whole milliseconds since some moment of the past; never goes back. How long something takes is a difference of two of these. */
  monotonic(): number;
  /** Resolves after `milliseconds`, or rejects with the signal's reason when aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
