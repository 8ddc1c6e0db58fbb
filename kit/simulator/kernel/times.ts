/** Each world begins at the same moment. */
export const START_MILLISECONDS = Date.UTC(2026, 0, 5, 8);
export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
