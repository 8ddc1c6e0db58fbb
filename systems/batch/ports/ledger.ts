import type { GenerationRef } from "../contracts/batch";
import type {
  BatchRecord,
  ChunkRow,
  CloseCause,
  FleetHealth,
  GenerationRecord,
  HostNote,
  PartialPointer,
  PlanSummary,
  ReleaseCause,
  ReplaySelection,
  SealFacts,
  UploadException,
  WorkerVersion,
} from "../contracts/ledger-rows";
import type { UploadRecord } from "../contracts/s3-event";

export type { UploadException };

/** A file of the upload path as its message names it: one content of it, or, where the message names none, whatever lies under the key. */
export type UploadContent = UploadRecord;

/** A worker's attempt at an upload that it works on in careful mode. */
export interface UploadAttempt {
  /** Names this attempt and no other. */
  readonly id: string;
  /** As in `Claimant`. */
  readonly worker: string;
}

/** What is held against an upload whose workers were lost. */
export interface UploadSuspicion {
  /** Attempts in careful mode that were begun and never ended, without those whose worker had a spot notice. */
  readonly deaths: number;
  /** Ids of its dead letters that were sent back. */
  readonly redriven: readonly string[];
}

/** Who claims a chunk. */
export interface Claimant {
  /** The instance or the invocation; names the notice row that makes its loss a spot loss. */
  readonly worker: string;
  /**
   * Until when the claim's lease lasts, in milliseconds since the epoch by the worker's clock. Someone who takes the claim over
   * before then counts nobody dead: the message was only delivered twice.
   */
  readonly leaseUntil: number;
  /**
   * Rises with each attempt of the Lambda route at the chunk; absent where a lease decides. An older attempt takes nothing from a newer
   * one.
   */
  readonly attempt?: number | undefined;
  /**
   * Asked again before each write of the claim, and last: a process may stand still between two of its calls, and whoever has the
   * message by then must not be fenced. Absent where no lease decides.
   *
   * @throws when the lease is over
   */
  readonly assertLeased?: () => void;
  /**
   * Losses to spot capacity from which on the chunk isn't claimed; the one that this claim would take over counts, too.
   *
   * @default any number of them is no reason
   */
  readonly leavesAfterSpotLosses?: number | undefined;
}

/**
 * `row` is the row after the claim; `overtaken`: a newer attempt has claimed the chunk, and this one claimed nothing; `left`: it was lost
 * to spot capacity too often for this claimant, and is as it was.
 */
export type ClaimResult =
  | { readonly status: "claimed"; readonly row: ChunkRow }
  | { readonly status: "finished" | "closed"; readonly row: ChunkRow }
  | { readonly status: "overtaken" | "left"; readonly row: ChunkRow };

/** A commit: some splits of a chunk, settled together. */
export interface CommitGroup {
  /** Number of this group in its chunk, from 0: the row's progress before it. */
  readonly group: number;
  /** A letter per settled split of the chunk, this group's included: the row's `outcomes` after the commit. */
  readonly outcomes: string;
  /** Absent when the group has no processed split. */
  readonly partial?: PartialPointer | undefined;
  /** true when the group holds the chunk's last split. */
  readonly finishes: boolean;
  /** The holder's lease after the commit, as in `Claimant`. */
  readonly leaseUntil: number;
  /** What the group took its slot, in milliseconds. */
  readonly slotMilliseconds: number;
  /** Calls of AWS that the process made since its last commit, of whichever chunk. @default none was counted */
  readonly calls?: number;
}

/** Whether a claim is still the newest one of an open chunk. `fenced`: it is not; stop at once. */
export type Held = "held" | "fenced";

/**
 * The facts of every batch: the rules of `systems/batch/core/ledger` on conditional single-row changes (docs/adr/0002-ledger.md). Each
 * method may be repeated after a lost reply.
 */
export interface Ledger {
  /**
   * Stores a new batch and opens generation 1, unless its request id is known.
   *
   * @returns the batch of that request id, `created` false when it was there already
   */
  createBatch(batch: BatchRecord): Promise<{ readonly created: boolean; readonly batch: BatchRecord }>;
  getBatch(batchId: string): Promise<BatchRecord | undefined>;
  getBatchOfRequest(requestId: string): Promise<BatchRecord | undefined>;
  /**
   * Notes once that all files of a submission are stored.
   *
   * @param uploadMilliseconds what that took, where one process measured all of it
   * @returns the batch after it
   */
  markArrived(batchId: string, at: string, uploadMilliseconds?: number): Promise<BatchRecord>;
  /** Newest first. */
  listBatches(limit: number): Promise<BatchRecord[]>;

  getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined>;
  /**
   * Opens the generation after `supersedes`, which must be sealed and the batch's latest.
   *
   * @returns the new generation, `opened` false when it was there already (with the selection it was opened with)
   * @throws GenerationConflictError when `supersedes` is not sealed or not the latest
   */
  openGeneration(
    supersedes: GenerationRef,
    replay: ReplaySelection,
    openedAt: string,
  ): Promise<{ readonly opened: boolean; readonly generation: GenerationRecord }>;
  /** Stores the plan of an open generation; a repeated plan of the same generation replaces nothing and returns the stored one. */
  recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary>;
  /** Open to closed; a generation that is closed or sealed keeps its first cause. @returns the record after it */
  closeGeneration(ref: GenerationRef, cause: CloseCause, detail?: string): Promise<GenerationRecord>;
  /** Closed to sealed, once. @returns the record after it */
  sealGeneration(ref: GenerationRef, facts: SealFacts): Promise<GenerationRecord>;
  /** Stores the completion message once. @returns the stored bytes, this call's or an earlier one's */
  putCompletion(ref: GenerationRef, message: string): Promise<string>;
  markCompletionSent(ref: GenerationRef, at: string): Promise<void>;

  /**
   * Takes one of the places of the environment's open generations; one that has a place keeps it.
   *
   * @returns false when all `maximum` places are taken
   */
  takePlace(ref: GenerationRef, maximum: number): Promise<boolean>;
  /** Gives the place back; one that has none is left as it is. */
  leavePlace(ref: GenerationRef): Promise<void>;
  /** Generations that have a place, in the order they took it. */
  takenPlaces(): Promise<GenerationRef[]>;

  /**
   * Adds 1 to the row's claim (creates it when absent), unless it is finished or closed or a newer attempt holds it. A claim before it that
   * was neither released nor finished and whose lease is over is counted as a loss: `spotLosses` when its worker's notice is known, else
   * `deaths` (docs/adr/0002-ledger.md); an intent of that claim makes its split the `suspect`.
   */
  claimChunk(ref: GenerationRef, index: number, claimant: Claimant): Promise<ClaimResult>;
  /** Prolongs the claim's lease. */
  renewClaim(ref: GenerationRef, index: number, claim: number, leaseUntil: number): Promise<Held>;
  /**
   * Notes in careful mode which split is worked on next. It asks nobody whether the claim is the newest still: one that is not says what
   * nobody reads.
   */
  intend(ref: GenerationRef, index: number, claim: number, position: number): Promise<void>;
  /**
   * Gives the claim up, so that taking the chunk over counts nobody dead. A cause of `failed` or `no-progress` is a strike, `spot` a
   * spot loss. A claim that is not the newest any more changes nothing.
   */
  releaseClaim(ref: GenerationRef, index: number, claim: number, cause: ReleaseCause): Promise<void>;
  /**
   * On condition of this claim and this progress. A refusal that finds the same claim and the progress this commit would have
   * left is our own lost reply: `committed`. A commit clears strikes and suspect.
   */
  commitGroup(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced">;
  /** Closes a row that is not finished, creating it when absent. @returns the row after it: `closed` or `finished` */
  closeChunk(ref: GenerationRef, index: number): Promise<ChunkRow>;
  /** Notes that the acknowledgements of a finished chunk are sent; a chunk that is not finished is left as it is. */
  markAcknowledged(ref: GenerationRef, index: number): Promise<void>;
  /** Counts that the chunk's message is sent back from the dead-letter queue. @returns the row after it, created when absent */
  countRedrive(ref: GenerationRef, index: number): Promise<ChunkRow>;
  getChunk(ref: GenerationRef, index: number): Promise<ChunkRow | undefined>;
  /** The rows of one of the CHUNK_SHARDS shards in index order; absent chunks are left out. */
  chunkRows(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow>;

  /** Remembers that EC2 takes this worker's instance back: the evidence that makes its loss a spot loss. */
  noteSpotNotice(worker: string, at: string): Promise<void>;

  /** A worker says that its host gets on; the newest word counts. */
  noteHost(host: HostNote): Promise<void>;
  /** What each worker of the last day said last. */
  hostNotes(): Promise<HostNote[]>;
  /** Which version of the worker is deployed; undefined until the first was announced. */
  workerVersion(): Promise<WorkerVersion | undefined>;
  putWorkerVersion(version: WorkerVersion): Promise<void>;
  /** How the starts of hosts went of late; undefined until one failed. */
  fleetHealth(): Promise<FleetHealth | undefined>;
  putFleetHealth(health: FleetHealth): Promise<void>;

  /** Adds capacity demand of the fleet, in workers, until a time; the orchestrator reads them. */
  putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void>;
  /** Takes a demand back before its time; one that is not there is left alone. */
  withdrawDemand(id: string): Promise<void>;
  /** Sum of the capacities demanded at that time, 0 when none. */
  demandedCapacity(nowEpochSeconds: number): Promise<number>;

  putUploadException(exception: UploadException): Promise<void>;
  getUploadException(filename: string): Promise<UploadException | undefined>;

  /** Notes in careful mode that a worker is about to read an upload. */
  beginUpload(content: UploadContent, attempt: UploadAttempt): Promise<void>;
  /** Takes the note back: the attempt ended, however it did, and its worker lives. One that is not there is left alone. */
  endUpload(content: UploadContent, attemptId: string): Promise<void>;
  /** Notes that a dead letter of an upload is sent back; each counts once. */
  noteUploadRedrive(content: UploadContent, deadLetterId: string): Promise<void>;
  /** What is held against an upload; nothing is where nothing was noted. */
  getUploadSuspicion(content: UploadContent): Promise<UploadSuspicion>;

  /** A small value that one periodic job keeps for its next run, such as how far it listed; undefined at first. */
  getCursor(name: string): Promise<string | undefined>;
  putCursor(name: string, value: string): Promise<void>;
}

/** Another generation was asked for than the one that can follow. */
export class GenerationConflictError extends Error {
  public override readonly name = "GenerationConflictError";
  public readonly fix = "somebody else was faster: see with `filemill status BATCH` where the batch stands, then ask again";
  public constructor(ref: GenerationRef, problem: string) {
    super(`generation ${ref.generation} of batch ${ref.batchId} ${problem}`);
  }
}
