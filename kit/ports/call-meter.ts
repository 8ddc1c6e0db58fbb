/** Counts what a process asks of AWS. */
export interface CallMeter {
  /**
   * Calls since it was last asked: every attempt counts, as it does on the bill. A receive that found no message doesn't, for how long a
   * process waits is not what its work takes.
   */
  take(): number;
}
