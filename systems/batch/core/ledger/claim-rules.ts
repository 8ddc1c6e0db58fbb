import type { ChunkRow } from "../../contracts/ledger-rows";
import type { Claimant } from "../../ports/ledger";
import type { Row, RowChange } from "../../../../kit/ports/row-store";

/**
 * How long before its end a lease counts as over, in milliseconds. A message comes back when SQS's lease ends; the row holds the end by
 * the clock of the holder, who computed it before SQS began to count, and the one who takes over looks at a clock of its own. Clocks of
 * instances differ by far less than a second (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/set-time.html); the rest is for slow
 * calls. A live holder renews at a third of its lease and is never that near to the end.
 */
export const LEASE_TOLERANCE_MILLISECONDS = 5_000;

/**
 * The worker that is lost when an open chunk is taken over: that of the newest claim, if it was not given up and its lease is over. A
 * lease that still runs means that the message was delivered twice: nobody is dead, and the older claim is fenced.
 *
 * A claimant without a lease (`leaseUntil` 0) is an attempt of the Lambda route: another invocation of the same attempt, which a lost
 * reply can make, is not lost, and every earlier attempt has ended: one that comes later than a newer one is `isOvertaken`.
 *
 * @param now milliseconds since the epoch, by the clock of who takes over
 */
export function lostWorker({ claim, holder, released }: ChunkRow, claimant: Pick<Claimant, "worker">, now: number): string | undefined {
  if (holder === undefined || released?.claim === claim) return undefined;
  if (holder.leaseUntil === 0) return holder.worker === claimant.worker ? undefined : holder.worker;
  return holder.leaseUntil - LEASE_TOLERANCE_MILLISECONDS <= now ? holder.worker : undefined;
}

/**
 * Whether a newer attempt has the chunk. Only an invocation that nobody waits for comes so late: a repetition of one that was answered or
 * given up. If it took the chunk, the newer attempt would count as dead, and then it would itself (docs/adr/0012-lambda-attempts.md).
 */
export const isOvertaken = ({ holder }: ChunkRow, { attempt }: Pick<Claimant, "attempt">): boolean =>
  attempt !== undefined && holder?.attempt !== undefined && attempt < holder.attempt;

/**
 * Whether spot capacity lost the chunk too often for this claimant: nothing is claimed or counted then, so whoever may hold it goes on.
 *
 * @param loss what the claim would count for the one before it
 */
export const isLeft = (
  { spotLosses }: Pick<ChunkRow, "spotLosses">,
  { add }: Pick<RowChange, "add">,
  { leavesAfterSpotLosses }: Pick<Claimant, "leavesAfterSpotLosses">,
): boolean => leavesAfterSpotLosses !== undefined && spotLosses + (add?.["spotLosses"] ?? 0) >= leavesAfterSpotLosses;

/** One call of `claimChunk`, repetitions after lost replies included. */
export interface ClaimCall extends Omit<Claimant, "assertLeased" | "leavesAfterSpotLosses"> {
  /** Names this call and no other, of whatever process. */
  readonly claimCall: string;
}

/**
 * Whether the row's newest claim is this very call's, carried out before its reply was lost. Worker and lease end don't tell: two slots of
 * a worker may receive the same message twice in the same millisecond, two invocations of one attempt have the same name, and under one
 * number both would commit.
 */
export const isOwnClaim = (stored: Row, { claimCall }: Pick<ClaimCall, "claimCall">): boolean => stored["claimCall"] === claimCall;

/**
 * What a lost claim counts as in its row: a spot loss where EC2's notice explains it, else a death. An unexplained death also makes the
 * split that the claim intended the suspect, with the deaths in a row on it; one before the claim's first intent, or after the intended
 * split was settled, tells nothing of any split, so the suspect stays as it was.
 *
 * @param loss `explained`, or which split the lost claim intended last
 */
export function lossOf(
  { outcomes, suspect }: ChunkRow,
  loss: "explained" | { readonly intended: number | undefined },
): Pick<RowChange, "add" | "set"> {
  if (loss === "explained") return { add: { spotLosses: 1 } };
  const { intended: position } = loss;
  if (position === undefined || position < outcomes.length) return { add: { deaths: 1 } };
  return { add: { deaths: 1 }, set: { suspect: { position, deaths: suspect?.position === position ? suspect.deaths + 1 : 1 } } };
}
