import type { ChunkLine, GenerationRef } from "../contracts/batch";
import type { Split } from "../contracts/files";
import type { ChunkRow } from "../contracts/ledger-rows";
import type { ClaimResult } from "../ports/ledger";
import { workSplit, type WorkedSplit } from "../workload/work-split";
import { optionsHash } from "../workload/options-hash";
import { acknowledgeCommitted, acknowledgementsOf, chunkAcknowledgement } from "./acknowledge-chunk";
import type { ChunkDeps } from "./chunk-deps";
import { CommitGroupBuilder } from "./commit-group";
import type { WatchedGeneration } from "./generation-watch";
import { readSplits } from "./read-splits";

/**
 * How work on a chunk ended. `finished` and `closed`: call back and delete the message. `again`: told to stop, what was done is
 * committed; give the message back. `fenced`: another slot holds the chunk; leave the message alone.
 */
export type ChunkEnd = "finished" | "closed" | "again" | "fenced";

export interface ChunkControl {
  /** Asked between two files: true ends the work with `again` after a last commit (drain, deadline). */
  readonly stopRequested: () => boolean;
  /** Told after each file or range: the lease lives on progress (invariant 8). */
  readonly progressed: () => void;
  /** Aborts at once, in the middle of a file (lease lost, no progress); nothing more is committed. */
  readonly signal: AbortSignal;
}

/**
 * Claims a chunk, works on what is not settled yet, commits group by group, acknowledges. The same code for the fleet and for the
 * Lambda route. The order is fixed: partial, items, commit, acknowledgement (invariant 4).
 *
 * @throws what another attempt may do better (network, disk, lost lease) and UnknownGenerationError, ChunkCorruptError
 */
export async function processChunk(deps: ChunkDeps, ref: GenerationRef, chunk: ChunkLine, control: ChunkControl): Promise<ChunkEnd> {
  const watched = await deps.watch.get(ref);
  // a lease may be lost while its message waits for a slot: a claim would then fence whoever holds the chunk now
  control.signal.throwIfAborted();
  const claimed = await claim(deps, ref, chunk.index, watched);
  if (claimed.status === "closed" && claimed.row.progress === 0) return "closed";
  const splits = await readSplits(deps.store, deps.stateBucket, ref, chunk);
  if (claimed.row.progress > 0) await acknowledgeCommitted(deps, ref, watched, claimed.row, splits);
  if (claimed.status !== "claimed") return claimed.status;
  deps.log("info", "chunk_claimed", {
    ...ref,
    chunkIndex: chunk.index,
    claim: claimed.row.claim,
    splits: splits.length,
    settled: claimed.row.outcomes.length,
  });
  return new ChunkRun(deps, ref, watched, claimed.row, splits, control).run();
}

/** A closed generation takes no claim, but what was committed before is acknowledged all the same: whoever committed it may have died. */
async function claim({ ledger }: ChunkDeps, ref: GenerationRef, index: number, { generation }: WatchedGeneration): Promise<ClaimResult> {
  if (generation.status === "open") return ledger.claimChunk(ref, index);
  const row = await ledger.closeChunk(ref, index);
  return { status: row.state === "finished" ? "finished" : "closed", row };
}

/** One slot's work on one claimed chunk. */
class ChunkRun {
  private outcomes: string;
  private group: number;

  public constructor(
    private readonly deps: ChunkDeps,
    private readonly ref: GenerationRef,
    private readonly watched: WatchedGeneration,
    private readonly row: ChunkRow,
    private readonly splits: readonly Split[],
    private readonly control: ChunkControl,
  ) {
    this.outcomes = row.outcomes;
    this.group = row.progress;
  }

  public async run(): Promise<ChunkEnd> {
    while (this.outcomes.length < this.splits.length) {
      const end = await this.runGroup();
      if (end !== "committed") return end;
    }
    if (this.watched.generation.plan?.acknowledgePer === "chunk") {
      await this.deps.acknowledge([chunkAcknowledgement(this.ref, this.row.index, this.outcomes, this.splits)]);
    }
    return "finished";
  }

  private async runGroup(): Promise<"committed" | ChunkEnd> {
    const group = new CommitGroupBuilder(this.deps, this.deps.clock.now());
    try {
      const filled = await this.fill(group);
      if (filled === "closed") return "closed";
      if (group.settled.length > 0) {
        const outcome = await this.commit(group);
        if (outcome === "fenced") return await this.fenced();
      }
      if (typeof filled === "object") throw filled.failure;
      return filled === "again" ? "again" : "committed";
    } finally {
      await group.dispose();
    }
  }

  /**
   * Works on splits until the group is full or the chunk is through.
   *
   * @returns `failure`: a split that another attempt may do better, to be thrown once what was settled before it is committed
   */
  private async fill(group: CommitGroupBuilder): Promise<"full" | "again" | "closed" | { readonly failure: unknown }> {
    for (let position = this.outcomes.length; position < this.splits.length; position += 1) {
      const split = this.splits[position];
      if (split === undefined || group.isFull()) return "full";
      if (this.control.stopRequested()) return "again";
      const { generation } = await this.deps.watch.get(this.ref);
      if (generation.status !== "open") return "closed";
      const worked = await this.tryToWork(split);
      if ("failure" in worked) return worked;
      if (await this.tripsBreaker(split, worked)) return "closed";
      await group.add(split, worked);
      this.control.progressed();
    }
    return "full";
  }

  private async tryToWork(split: Split): Promise<WorkedSplit | { readonly failure: unknown }> {
    try {
      return await this.work(split);
    } catch (failure) {
      this.control.signal.throwIfAborted();
      return { failure };
    }
  }

  private async work(split: Split): Promise<WorkedSplit> {
    const worked = await workSplit(
      this.deps,
      {
        bucket: split.bucket,
        key: split.key,
        identity: split,
        ...(split.range === undefined ? {} : { range: split.range }),
        ...(split.encoding === undefined ? {} : { encoding: split.encoding }),
      },
      () => this.watched.batch.options,
      this.control.signal,
    );
    if (worked.status === "quarantined") {
      this.deps.log("warn", "file_quarantined", {
        ...this.ref,
        bucket: split.bucket,
        key: split.key,
        reason: worked.reason,
        detail: worked.detail,
      });
    }
    return worked;
  }

  private async tripsBreaker(split: Split, worked: WorkedSplit): Promise<boolean> {
    const denied = worked.status === "quarantined" && worked.reason === "access-denied";
    if (!this.deps.breaker.record(this.ref, `${split.bucket}/${split.key}`, denied)) return false;
    const detail = `access denied on three files in a row, last s3://${split.bucket}/${split.key}; allow the role to read them`;
    await this.deps.ledger.closeGeneration(this.ref, "failed", detail);
    this.deps.log("error", "generation_closed", { ...this.ref, cause: "failed", detail });
    return true;
  }

  private async commit(group: CommitGroupBuilder): Promise<"committed" | "fenced"> {
    const { batch, generation } = this.watched;
    const partial = await group.writePartial(this.ref, this.row.index, this.row.claim, this.group);
    await this.deps.results.put(group.items(batch.batchId, optionsHash(batch.options)));
    this.control.signal.throwIfAborted();
    const outcomes = this.outcomes + group.settled.map(({ letter }) => letter).join("");
    const result = await this.deps.ledger.commitGroup(this.ref, this.row.index, this.row.claim, {
      group: this.group,
      outcomes,
      finishes: outcomes.length === this.splits.length,
      ...(partial === undefined ? {} : { partial }),
    });
    if (result === "fenced") return "fenced";
    this.outcomes = outcomes;
    this.group += 1;
    if (generation.plan?.acknowledgePer !== "chunk") {
      await this.deps.acknowledge(acknowledgementsOf(this.ref, batch.source.prefix, group.settled));
    }
    return "committed";
  }

  private async fenced(): Promise<ChunkEnd> {
    const { generation } = await this.deps.watch.get(this.ref);
    this.deps.log("warn", "slot_fenced", { ...this.ref, chunkIndex: this.row.index, claim: this.row.claim });
    return generation.status === "open" ? "fenced" : "closed";
  }
}
