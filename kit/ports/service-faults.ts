/** What a process knows of calls that failed through no fault of what was asked. */
export interface ServiceFaults {
  /**
   * Whether an error says that a service was throttled, broken or out of reach: the same call may succeed later, and nothing is told about
   * what it was made for.
   */
  isServiceFault(error: unknown): boolean;
  /** A random number from 0 up to 1, for pauses. */
  random(): number;
}
