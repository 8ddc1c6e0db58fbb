import type { ChunkLine, GenerationRef } from "../../contracts/batch";
import type { Split } from "../../contracts/files";
import type { ChunkRow, ReleaseCause } from "../../contracts/ledger-rows";
import type { Claimant, ClaimResult } from "../../ports/ledger";
import { acknowledgeCommitted, type PlannedBatch } from "./acknowledge-chunk";
import { isCareful } from "./careful-mode";
import type { ChunkControl } from "./chunk-control";
import type { ChunkDeps } from "./chunk-deps";
import { ChunkRun } from "./chunk-run";
import type { WatchedGeneration } from "./generation-watch";
import { ClaimFencedError, HeldClaim } from "./held-claim";
import { InPlace, ServiceUnavailableError } from "./in-place";
import { persistently } from "../../../../kit/lib/persistently";
import { planOf, readSplits } from "./read-splits";

/**
 * How work on a chunk ended. `finished` and `closed`: call back and delete the message. `again`: told to stop, what was done is
 * committed and the claim released; give the message back. `fenced`: another slot holds the chunk; leave the message alone. `left`: it
 * was lost to spot capacity too often for this one, nothing was begun; hand the message over.
 */
export type ChunkEnd = "finished" | "closed" | "again" | "fenced" | "left";

/**
 * Claims a chunk, works on what is not settled yet, commits group by group, acknowledges. The same code for the fleet and for the
 * Lambda route. The order is fixed: partial, items, commit, acknowledgement (invariant 4). A claim that is given up before the chunk
 * is finished is released with its cause before this ends, so that taking it over counts nobody dead.
 *
 * @throws what another attempt may do better (network, disk, lost lease) and UnknownGenerationError, ChunkCorruptError
 */
export async function processChunk(deps: ChunkDeps, ref: GenerationRef, chunk: ChunkLine, control: ChunkControl): Promise<ChunkEnd> {
  const watched = await deps.watch.get(ref);
  // before the claim: a message that doesn't fit the plan fences nobody who works on its chunk, and counts against none of its files
  const planned = { batch: watched.batch, plan: planOf(watched.generation, chunk) };
  const splits = watched.generation.status === "open" ? await splitsOf(deps, watched, chunk) : undefined;
  control.signal.throwIfAborted();
  control.assertLeased();
  if (control.stopCause() !== undefined) return "again";
  if (splits === undefined) return closeAndAcknowledge(deps, ref, chunk, watched, planned);
  const claimed = await claim(deps, ref, chunk.index, control);
  if (claimed.status === "overtaken") {
    deps.log("warn", "attempt_overtaken", {
      ...ref,
      chunkIndex: chunk.index,
      attempt: control.attempt,
      newerAttempt: claimed.row.holder?.attempt,
    });
    return "fenced";
  }
  if (claimed.status === "left") return "left";
  if (claimed.status !== "claimed") {
    await acknowledgeCommitted(deps, ref, planned, claimed.row, splits);
    return claimed.status;
  }
  const held = new HeldClaim(deps, ref, chunk.index, claimed.row.claim);
  control.claimed(held);
  try {
    // aborted while the claim was minted: nobody who aborted knew of it
    control.signal.throwIfAborted();
    return await work(deps, planned, splits, claimed.row, held, control);
  } catch (error) {
    if (control.signal.reason instanceof ClaimFencedError) return await endOfFenced(deps, held);
    // after a lost lease too: the claim may still be the newest one, and its slot is not dead
    await held.release(error instanceof ServiceUnavailableError ? (control.stopCause() ?? "unavailable") : "failed");
    throw error;
  } finally {
    held.end();
  }
}

async function work(
  deps: ChunkDeps,
  planned: PlannedBatch,
  splits: readonly Split[],
  row: ChunkRow,
  held: HeldClaim,
  control: ChunkControl,
): Promise<ChunkEnd> {
  await acknowledgeBefore(deps, planned, splits, row, held, control);
  deps.log("info", "chunk_claimed", {
    ...held.ref,
    chunkIndex: held.index,
    claim: row.claim,
    splits: splits.length,
    settled: row.outcomes.length,
    careful: isCareful(row),
    deaths: row.deaths,
    strikes: row.strikes,
  });
  const end = await new ChunkRun(deps, planned, row, splits, held, control).run();
  switch (end) {
    case "finished":
      return "finished";
    case "closed":
      return endOfClosed(deps, held);
    case "fenced":
      return endOfFenced(deps, held);
    case "drain":
    case "spot":
      await held.release(end);
      return "again";
  }
}

/** What earlier claims committed is acknowledged again; a service that is away then says nothing of any file. */
function acknowledgeBefore(
  deps: ChunkDeps,
  planned: PlannedBatch,
  splits: readonly Split[],
  row: ChunkRow,
  held: HeldClaim,
  control: ChunkControl,
): Promise<void> {
  const inPlace = new InPlace(deps, control, { ...held.ref, chunkIndex: held.index });
  return inPlace.call("the acknowledgements of earlier claims", () => acknowledgeCommitted(deps, held.ref, planned, row, splits));
}

function splitsOf({ stateBucket, store }: ChunkDeps, { generation }: WatchedGeneration, chunk: ChunkLine): Promise<Split[]> {
  return readSplits(store, stateBucket, generation, chunk);
}

/** A closed generation takes no claim, but what was committed before is acknowledged all the same: whoever committed it may have died. */
async function closeAndAcknowledge(
  deps: ChunkDeps,
  ref: GenerationRef,
  chunk: ChunkLine,
  watched: WatchedGeneration,
  planned: PlannedBatch,
): Promise<"finished" | "closed"> {
  const row = await deps.ledger.closeChunk(ref, chunk.index);
  // most chunks of a closed generation were never begun: nothing is read for them
  if (row.progress > 0) await acknowledgeCommitted(deps, ref, planned, row, await splitsOf(deps, watched, chunk));
  return row.state === "finished" ? "finished" : "closed";
}

async function claim(
  deps: ChunkDeps,
  ref: GenerationRef,
  index: number,
  { assertLeased, attempt, leavesAfterSpotLosses, leaseUntil, worker }: ChunkControl,
): Promise<ClaimResult> {
  const claimant = { worker, leaseUntil: leaseUntil(), attempt, assertLeased, leavesAfterSpotLosses };
  try {
    return await deps.ledger.claimChunk(ref, index, claimant);
  } catch (error) {
    await releaseUnknown(deps, ref, index, claimant, deps.faults.isServiceFault(error) ? "unavailable" : "failed");
    throw error;
  }
}

/** Only the reply of a claim may be lost, and one that nobody knows of would be taken over as a death. Never rejects. */
async function releaseUnknown(
  deps: ChunkDeps,
  ref: GenerationRef,
  index: number,
  { leaseUntil, worker }: Pick<Claimant, "leaseUntil" | "worker">,
  cause: ReleaseCause,
): Promise<void> {
  let row: ChunkRow | undefined;
  try {
    row = await persistently(deps, "looking for a claim", () => deps.ledger.getChunk(ref, index));
  } catch (error) {
    deps.log("error", "claim_release_failed", { ...ref, chunkIndex: index, cause, error });
    return;
  }
  if (row?.holder?.worker === worker && row.holder.leaseUntil === leaseUntil)
    await new HeldClaim(deps, ref, index, row.claim).release(cause);
}

/** The generation is closed: so is the row, from now on. Its message is ours to end only while nobody else has claimed the chunk. */
async function endOfClosed(deps: ChunkDeps, held: HeldClaim): Promise<ChunkEnd> {
  const row = await deps.ledger.closeChunk(held.ref, held.index);
  return row.claim === held.claim ? "closed" : fenced(deps, held);
}

/** The ledger refused the claim: either the chunk was closed under it, or another slot has it. */
async function endOfFenced(deps: ChunkDeps, held: HeldClaim): Promise<ChunkEnd> {
  const row = await rowOf(deps, held.ref, held.index);
  return row?.state === "closed" && row.claim === held.claim ? "closed" : fenced(deps, held);
}

function fenced(deps: ChunkDeps, { claim: number, index, ref }: HeldClaim): "fenced" {
  deps.log("warn", "slot_fenced", { ...ref, chunkIndex: index, claim: number });
  return "fenced";
}

/** @returns undefined also when the ledger can't be read now: nothing is done then that needs the row */
async function rowOf({ ledger, log }: ChunkDeps, ref: GenerationRef, index: number): Promise<ChunkRow | undefined> {
  try {
    return await ledger.getChunk(ref, index);
  } catch (error) {
    log("error", "chunk_read_failed", { ...ref, chunkIndex: index, error });
    return undefined;
  }
}
