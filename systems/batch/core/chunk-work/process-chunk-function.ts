import { withSessions } from "../workloads/with-sessions";
import type { ChunkDeps } from "./chunk-deps";
import { processChunk } from "./process-chunk";
import { processChunkInputSchema, type ProcessChunkInput, type ProcessChunkOutput } from "../../contracts/batch";
import { executionName } from "../../contracts/state-keys";
import { ATTEMPTS_PER_ROUND, LAMBDA_RESERVE_SECONDS } from "../../contracts/lambda-rounds";

/** What Lambda tells an invocation about itself. */
export interface Invocation {
  readonly remainingMilliseconds: () => number;
}

/**
 * Who claims on Lambda: the attempt of the state machine, not the invocation. Two invocations of one attempt, which a lost reply can make,
 * are then one claimant, and neither counts the other dead; the next attempt comes after this one ended.
 */
export const attemptName = ({ batchId, chunk, generation, retry, round }: ProcessChunkInput): string =>
  `lambda:${executionName({ batchId, generation })}-c${chunk.index}-r${round}-a${retry}`;

/** Rises with each attempt that the state machine makes at a chunk. */
export const attemptNumber = ({ retry, round }: Pick<ProcessChunkInput, "retry" | "round">): number => round * ATTEMPTS_PER_ROUND + retry;

/**
 * One round of the route `lambda`: works on a chunk until it is finished or the time is nearly up.
 *
 * @param input as `processChunkInputSchema` says
 * @throws what another attempt may do better; the state machine retries
 */
export async function runProcessChunk(
  deps: Omit<ChunkDeps, "sessions">,
  input: unknown,
  invocation: Invocation,
): Promise<ProcessChunkOutput> {
  return withSessions({ ...deps, directory: deps.room.directory }, (sessions) => runRound({ ...deps, sessions }, input, invocation));
}

async function runRound(deps: ChunkDeps, input: unknown, invocation: Invocation): Promise<ProcessChunkOutput> {
  const parsed = processChunkInputSchema.parse(input);
  const { batchId, generation, chunk, round } = parsed;
  const end = await processChunk(deps, { batchId, generation }, chunk, {
    worker: attemptName(parsed),
    attempt: attemptNumber(parsed),
    // no lease: an attempt comes after the one before it ended, so a claim that one left unreleased is a death at any time
    leaseUntil: () => 0,
    assertLeased: () => undefined,
    claimed: () => undefined,
    // an execution environment runs one invocation at a time
    untilAlone: () => Promise.resolve(),
    stopCause: () => (invocation.remainingMilliseconds() < LAMBDA_RESERVE_SECONDS * 1_000 ? "drain" : undefined),
    progressed: () => undefined,
    // the Lambda's own timeout is the only thing that stops it in the middle of a file
    signal: new AbortController().signal,
  });
  // no message keeps the chunk here: if this attempt had died, nobody but reduce would know that the acknowledgements are still to be sent
  if (end === "finished") await deps.ledger.markAcknowledged({ batchId, generation }, chunk.index);
  // no invocation asks to leave a chunk
  if (end === "left") throw new Error(`chunk ${chunk.index} was left, although nothing but a slot of the fleet leaves one`);
  // a fenced invocation was overtaken by a newer one of the same child; asking again finds the chunk finished, or takes it over
  return { outcome: end === "fenced" ? "again" : end, round: round + 1 };
}
