import type { GenerationRef } from "../../contracts/batch";
import type {
  BatchRecord,
  ChunkRow,
  CloseCause,
  FleetHealth,
  GenerationRecord,
  HostNote,
  PlanSummary,
  ReleaseCause,
  ReplaySelection,
  SealFacts,
  UploadException,
  WorkerVersion,
} from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import type { Claimant, ClaimResult, CommitGroup, Held, Ledger, UploadAttempt, UploadContent, UploadSuspicion } from "../../ports/ledger";
import type { RowStore } from "../../../../kit/ports/row-store";
import { BatchRows } from "./batch-rows";
import { ChunkRows } from "./chunk-rows";
import { NoteRows } from "./note-rows";
import { PlaceRows } from "./place-rows";
import { UploadAttempts } from "./upload-attempts";
import type { OnUnreadable } from "./unreadable-row";

/** The ledger on a table of rows: the same rules on DynamoDB and in memory (docs/adr/0007-row-store.md). */
export class RowLedger implements Ledger {
  private readonly batches: BatchRows;
  private readonly chunks: ChunkRows;
  private readonly places: PlaceRows;
  private readonly notes: NoteRows;
  private readonly attempts: UploadAttempts;

  /** @param onUnreadable told of each row that a list leaves out because it can't be read. @default it is thrown */
  public constructor(rows: RowStore, clock: Clock, onUnreadable: OnUnreadable = thrown) {
    this.batches = new BatchRows(rows, clock, onUnreadable);
    this.chunks = new ChunkRows(rows, clock);
    this.places = new PlaceRows(rows);
    this.notes = new NoteRows(rows, clock, onUnreadable);
    this.attempts = new UploadAttempts(rows, clock);
  }

  public createBatch(batch: BatchRecord): Promise<{ created: boolean; batch: BatchRecord }> {
    return this.batches.create(batch);
  }
  public getBatch(batchId: string): Promise<BatchRecord | undefined> {
    return this.batches.get(batchId);
  }
  public getBatchOfRequest(requestId: string): Promise<BatchRecord | undefined> {
    return this.batches.ofRequest(requestId);
  }

  public markArrived(batchId: string, at: string, uploadMilliseconds?: number): Promise<BatchRecord> {
    return this.batches.markArrived(batchId, at, uploadMilliseconds);
  }
  public listBatches(limit: number): Promise<BatchRecord[]> {
    return this.batches.newest(limit);
  }
  public getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined> {
    return this.batches.getGeneration(ref);
  }
  public openGeneration(
    supersedes: GenerationRef,
    replay: ReplaySelection,
    openedAt: string,
  ): Promise<{ opened: boolean; generation: GenerationRecord }> {
    return this.batches.openGeneration(supersedes, replay, openedAt);
  }
  public recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary> {
    return this.batches.recordPlan(ref, plan);
  }
  public closeGeneration(ref: GenerationRef, cause: CloseCause, detail?: string): Promise<GenerationRecord> {
    return this.batches.close(ref, cause, detail);
  }
  public sealGeneration(ref: GenerationRef, facts: SealFacts): Promise<GenerationRecord> {
    return this.batches.seal(ref, facts);
  }
  public putCompletion(ref: GenerationRef, message: string): Promise<string> {
    return this.batches.putCompletion(ref, message);
  }
  public markCompletionSent(ref: GenerationRef, at: string): Promise<void> {
    return this.batches.markCompletionSent(ref, at);
  }

  public takePlace(ref: GenerationRef, maximum: number): Promise<boolean> {
    return this.places.take(ref, maximum);
  }
  public leavePlace(ref: GenerationRef): Promise<void> {
    return this.places.leave(ref);
  }
  public takenPlaces(): Promise<GenerationRef[]> {
    return this.places.taken();
  }

  public claimChunk(ref: GenerationRef, index: number, claimant: Claimant): Promise<ClaimResult> {
    return this.chunks.claim(ref, index, claimant);
  }
  public renewClaim(ref: GenerationRef, index: number, claim: number, leaseUntil: number): Promise<Held> {
    return this.chunks.renew(ref, index, claim, leaseUntil);
  }
  public intend(ref: GenerationRef, index: number, claim: number, position: number): Promise<void> {
    return this.chunks.intend(ref, index, claim, position);
  }
  public releaseClaim(ref: GenerationRef, index: number, claim: number, cause: ReleaseCause): Promise<void> {
    return this.chunks.release(ref, index, claim, cause);
  }
  public commitGroup(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced"> {
    return this.chunks.commit(ref, index, claim, group);
  }
  public closeChunk(ref: GenerationRef, index: number): Promise<ChunkRow> {
    return this.chunks.close(ref, index);
  }
  public markAcknowledged(ref: GenerationRef, index: number): Promise<void> {
    return this.chunks.markAcknowledged(ref, index);
  }
  public countRedrive(ref: GenerationRef, index: number): Promise<ChunkRow> {
    return this.chunks.countRedrive(ref, index);
  }
  public getChunk(ref: GenerationRef, index: number): Promise<ChunkRow | undefined> {
    return this.chunks.get(ref, index);
  }
  public chunkRows(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow> {
    return this.chunks.ofShard(ref, shard);
  }

  public noteSpotNotice(worker: string, at: string): Promise<void> {
    return this.notes.putSpotNotice(worker, at);
  }
  public noteHost(host: HostNote): Promise<void> {
    return this.notes.putHost(host);
  }
  public hostNotes(): Promise<HostNote[]> {
    return this.notes.hosts();
  }
  public workerVersion(): Promise<WorkerVersion | undefined> {
    return this.notes.workerVersion();
  }
  public putWorkerVersion(version: WorkerVersion): Promise<void> {
    return this.notes.putWorkerVersion(version);
  }
  public fleetHealth(): Promise<FleetHealth | undefined> {
    return this.notes.fleetHealth();
  }
  public putFleetHealth(health: FleetHealth): Promise<void> {
    return this.notes.putFleetHealth(health);
  }
  public putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void> {
    return this.notes.putDemand(id, demand);
  }
  public withdrawDemand(id: string): Promise<void> {
    return this.notes.withdrawDemand(id);
  }
  public demandedCapacity(nowEpochSeconds: number): Promise<number> {
    return this.notes.demandedCapacity(nowEpochSeconds);
  }
  public putUploadException(exception: UploadException): Promise<void> {
    return this.notes.putUploadException(exception);
  }
  public getUploadException(filename: string): Promise<UploadException | undefined> {
    return this.notes.getUploadException(filename);
  }
  public beginUpload(content: UploadContent, attempt: UploadAttempt): Promise<void> {
    return this.attempts.begin(content, attempt);
  }
  public endUpload(content: UploadContent, attemptId: string): Promise<void> {
    return this.attempts.end(content, attemptId);
  }
  public noteUploadRedrive(content: UploadContent, deadLetterId: string): Promise<void> {
    return this.attempts.noteRedrive(content, deadLetterId);
  }
  public getUploadSuspicion(content: UploadContent): Promise<UploadSuspicion> {
    return this.attempts.suspicion(content);
  }
  public getCursor(name: string): Promise<string | undefined> {
    return this.notes.getCursor(name);
  }
  public putCursor(name: string, value: string): Promise<void> {
    return this.notes.putCursor(name, value);
  }
}

const thrown: OnUnreadable = (error) => {
  throw error;
};
