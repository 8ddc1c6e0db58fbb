import type { GenerationRef } from "../contracts/batch";
import type { FileCountsByStatus } from "../contracts/files";
import type {
  BatchRecord,
  ChunkRow,
  CloseCause,
  GenerationRecord,
  PartialPointer,
  PlanSummary,
  UploadException,
} from "../contracts/ledger-rows";

export type { UploadException };

export type ClaimResult =
  { readonly status: "claimed"; readonly row: ChunkRow } | { readonly status: "finished" | "closed"; readonly row: ChunkRow };

/** A commit: some splits of a chunk, settled together. */
export interface CommitGroup {
  /** Number of this group in its chunk, from 0: the row's progress before it. */
  readonly group: number;
  /** A letter per settled split of the chunk, this group's included: the row's `outcomes` after the commit. */
  readonly outcomes: string;
  /** Absent when the group has no processed split. */
  readonly partial?: PartialPointer;
  /** true when the group holds the chunk's last split. */
  readonly finishes: boolean;
}

/** The facts of every batch. All changes are conditional single-row updates (docs/adr/0002-ledger.md). */
export interface Ledger {
  /**
   * Stores a new batch and opens generation 1, unless its request id is known.
   *
   * @returns the batch of that request id, `created` false when it was there already
   */
  createBatch(batch: BatchRecord): Promise<{ readonly created: boolean; readonly batch: BatchRecord }>;
  getBatch(batchId: string): Promise<BatchRecord | undefined>;
  /** Newest first. */
  listBatches(limit: number): Promise<BatchRecord[]>;

  getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined>;
  /** Stores the plan of an open generation; a repeated plan of the same generation replaces nothing and returns the stored one. */
  recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary>;
  /** Open to closed; a generation that is closed or sealed keeps its first cause. @returns the record after it */
  closeGeneration(ref: GenerationRef, cause: CloseCause, detail?: string): Promise<GenerationRecord>;
  /** Closed to sealed, once. @returns the record after it */
  sealGeneration(ref: GenerationRef, facts: { files: FileCountsByStatus; sealedSha256: string }): Promise<GenerationRecord>;
  /** Stores the completion message once. @returns the stored bytes, this call's or an earlier one's */
  putCompletion(ref: GenerationRef, message: string): Promise<string>;
  markCompletionSent(ref: GenerationRef, at: string): Promise<void>;

  /** Adds 1 to the row's claim unless it is finished or closed (creates it when absent). */
  claimChunk(ref: GenerationRef, index: number): Promise<ClaimResult>;
  /**
   * On condition of this claim and this progress. A refusal that finds the same claim and the progress this commit would have
   * left is our own lost reply: `committed`.
   */
  commitGroup(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced">;
  /** Closes a row that is not finished, creating it when absent. @returns the row after it: `closed` or `finished` */
  closeChunk(ref: GenerationRef, index: number): Promise<ChunkRow>;
  /** The rows of one shard in index order; absent chunks are left out. */
  chunkRows(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow>;

  /** Adds capacity demand of the fleet, in workers, until a time; the orchestrator reads them. */
  putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void>;
  /** Largest capacity demanded at that time, 0 when none. */
  demandedCapacity(nowEpochSeconds: number): Promise<number>;

  putUploadException(exception: UploadException): Promise<void>;
  getUploadException(filename: string): Promise<UploadException | undefined>;
}
