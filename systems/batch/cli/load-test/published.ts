/** What the sources publish of their load test (requirements S1.70, S1.76, S1.77, S1.81, S1.82). */
export const PUBLISHED = {
  files: 120,
  bytes: 117_500_000,
  /** Of the jobs queue, right after the copy. */
  visible: 108,
  inFlight: 12,
  instances: { from: 1, to: 4 },
  /** Of the Scan at its end. */
  readUnits: 2.5,
} as const;
