import type { GenerationRef } from "../../../core/contracts/batch";
import {
  CHUNKS_PER_SHARD,
  type BatchRecord,
  type ChunkRow,
  type CloseCause,
  type GenerationRecord,
  type PlanSummary,
  type UploadException,
} from "../../../core/contracts/ledger-rows";
import { isOwnLostReply } from "../../../core/ledger/commit-rules";
import type { ClaimResult, CommitGroup, Ledger } from "../../../core/ports/ledger";

const idOf = (ref: GenerationRef): string => `${ref.batchId}#${ref.generation}`;

/** The ledger's rules on maps: each method is one atomic step, as a conditional write is. */
export class InMemoryLedger implements Ledger {
  public readonly batches = new Map<string, BatchRecord>();
  public readonly generations = new Map<string, GenerationRecord>();
  public readonly rows = new Map<string, Map<number, ChunkRow>>();
  public readonly demands = new Map<string, { capacity: number; untilEpochSeconds: number }>();
  public readonly exceptions = new Map<string, UploadException>();

  public createBatch(batch: BatchRecord): Promise<{ created: boolean; batch: BatchRecord }> {
    const known = [...this.batches.values()].find(({ requestId }) => requestId === batch.requestId);
    if (known !== undefined) return Promise.resolve({ created: false, batch: known });
    this.batches.set(batch.batchId, batch);
    this.generations.set(idOf({ batchId: batch.batchId, generation: 1 }), { batchId: batch.batchId, generation: 1, status: "open" });
    return Promise.resolve({ created: true, batch });
  }
  public getBatch(batchId: string): Promise<BatchRecord | undefined> {
    return Promise.resolve(this.batches.get(batchId));
  }
  public listBatches(limit: number): Promise<BatchRecord[]> {
    return Promise.resolve([...this.batches.values()].sort((a, b) => (a.batchId < b.batchId ? 1 : -1)).slice(0, limit));
  }
  public getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined> {
    return Promise.resolve(this.generations.get(idOf(ref)));
  }
  public recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary> {
    const record = this.generation(ref);
    if (record.status === "open" && record.plan === undefined) this.change(ref, { plan });
    return Promise.resolve(this.generation(ref).plan ?? plan);
  }
  public closeGeneration(ref: GenerationRef, cause: CloseCause, detail?: string): Promise<GenerationRecord> {
    if (this.generation(ref).status === "open") {
      this.change(ref, { status: "closed", closeCause: cause, ...(detail === undefined ? {} : { closeDetail: detail }) });
    }
    return Promise.resolve(this.generation(ref));
  }
  public sealGeneration(ref: GenerationRef, facts: Required<Pick<GenerationRecord, "files" | "sealedSha256">>): Promise<GenerationRecord> {
    if (this.generation(ref).status === "closed") this.change(ref, { status: "sealed", ...facts });
    return Promise.resolve(this.generation(ref));
  }
  public putCompletion(ref: GenerationRef, message: string): Promise<string> {
    const record = this.generation(ref);
    if (record.status !== "sealed") return Promise.reject(new Error(`generation is ${record.status}; seal it first`));
    if (record.completion === undefined) this.change(ref, { completion: message });
    return Promise.resolve(record.completion ?? message);
  }
  public markCompletionSent(ref: GenerationRef, at: string): Promise<void> {
    const { completionSentAt } = this.generation(ref);
    if (completionSentAt === undefined) this.change(ref, { completionSentAt: at });
    return Promise.resolve();
  }
  public claimChunk(ref: GenerationRef, index: number): Promise<ClaimResult> {
    const row = this.row(ref, index) ?? { index, claim: 0, progress: 0, outcomes: "", partials: [], state: "open" as const };
    if (row.state !== "open") return Promise.resolve({ status: row.state, row });
    const claimed = { ...row, claim: row.claim + 1 };
    this.store(ref, claimed);
    return Promise.resolve({ status: "claimed", row: claimed });
  }
  public commitGroup(ref: GenerationRef, index: number, claim: number, group: CommitGroup): Promise<"committed" | "fenced"> {
    const row = this.row(ref, index);
    if (row === undefined) return Promise.resolve("fenced");
    if (row.claim !== claim || row.progress !== group.group || row.state !== "open") {
      return Promise.resolve(isOwnLostReply(row, claim, group) ? "committed" : "fenced");
    }
    this.store(ref, {
      ...row,
      progress: group.group + 1,
      outcomes: group.outcomes,
      partials: group.partial === undefined ? row.partials : [...row.partials, group.partial],
      state: group.finishes ? "finished" : "open",
    });
    return Promise.resolve("committed");
  }
  public closeChunk(ref: GenerationRef, index: number): Promise<ChunkRow> {
    const row = this.row(ref, index) ?? { index, claim: 0, progress: 0, outcomes: "", partials: [], state: "open" as const };
    const closed = row.state === "finished" ? row : { ...row, state: "closed" as const };
    this.store(ref, closed);
    return Promise.resolve(closed);
  }
  public async *chunkRows(ref: GenerationRef, shard: number): AsyncIterable<ChunkRow> {
    const rows = [...(this.rows.get(idOf(ref))?.values() ?? [])].sort((a, b) => a.index - b.index);
    for (const row of rows) if (Math.floor(row.index / CHUNKS_PER_SHARD) === shard) yield await Promise.resolve(row);
  }
  public putDemand(id: string, demand: { capacity: number; untilEpochSeconds: number }): Promise<void> {
    this.demands.set(id, demand);
    return Promise.resolve();
  }
  public demandedCapacity(nowEpochSeconds: number): Promise<number> {
    const valid = [...this.demands.values()].filter(({ untilEpochSeconds }) => untilEpochSeconds > nowEpochSeconds);
    return Promise.resolve(Math.max(0, ...valid.map(({ capacity }) => capacity)));
  }
  public putUploadException(exception: UploadException): Promise<void> {
    this.exceptions.set(`${exception.bucket}/${exception.key}`, exception);
    return Promise.resolve();
  }
  public getUploadException(filename: string): Promise<UploadException | undefined> {
    return Promise.resolve(this.exceptions.get(filename));
  }

  public row(ref: GenerationRef, index: number): ChunkRow | undefined {
    return this.rows.get(idOf(ref))?.get(index);
  }
  private store(ref: GenerationRef, row: ChunkRow): void {
    const rows = this.rows.get(idOf(ref)) ?? new Map<number, ChunkRow>();
    this.rows.set(idOf(ref), rows.set(row.index, row));
  }
  private generation(ref: GenerationRef): GenerationRecord {
    const record = this.generations.get(idOf(ref));
    if (record === undefined) throw new Error(`no generation ${idOf(ref)}`);
    return record;
  }
  private change(ref: GenerationRef, change: Partial<GenerationRecord>): void {
    this.generations.set(idOf(ref), { ...this.generation(ref), ...change });
  }
}
