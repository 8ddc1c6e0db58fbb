/** Seconds before its timeout at which the process-chunk Lambda commits and asks for another round (docs/adr/0012-lambda-attempts.md). */
export const LAMBDA_RESERVE_SECONDS = 60;
/** Rounds of one chunk on Lambda at most: the state machine's loop. */
export const LAMBDA_ROUNDS = 5;
/**
 * Repetitions of one round that the attempts' numbers have room for: many times those of the state machine
 * (constructs/workflow/retries.ts).
 */
export const ATTEMPTS_PER_ROUND = 1_000;
