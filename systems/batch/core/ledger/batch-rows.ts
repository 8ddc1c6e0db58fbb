import { z } from "zod";
import type { GenerationRef } from "../../contracts/batch";
import {
  batchRecordSchema,
  generationRecordSchema,
  type BatchRecord,
  type CloseCause,
  type GenerationRecord,
  type PlanSummary,
  type ReplaySelection,
  type SealFacts,
} from "../../contracts/ledger-rows";
import type { Clock } from "../../../../kit/ports/clock";
import { UnknownBatchError } from "../stored-batch/errors";
import { GenerationConflictError } from "../../ports/ledger";
import type { Row, RowChange, RowCondition, RowKey, RowStore } from "../../../../kit/ports/row-store";
import { checkedChange, checkedRow } from "./checked-writes";
import { BatchIdTakenError, GenerationNotSealedError, UnknownGenerationError } from "./errors";
import { BATCHES_PARTITION, batchKey, expiresAt, generationKey, requestKey } from "./row-keys";
import { toRow } from "./to-row";
import { readableRows, readRow, type OnUnreadable } from "./unreadable-row";

const expires = { expiresAt: z.int() };
const requestRowSchema = z.object({ batchId: z.string(), ...expires });
const batchRowSchema = batchRecordSchema.extend(expires);
const generationRowSchema = generationRecordSchema.extend(expires);
const FIRST_GENERATION = 1;

const statusIs = (status: GenerationRecord["status"]): RowCondition => ({ attribute: "status", equals: status });

/** Batches, the request ids that lead to them, and META of their generations. */
export class BatchRows {
  public constructor(
    private readonly rows: RowStore,
    private readonly clock: Clock,
    private readonly onUnreadable: OnUnreadable,
  ) {}

  public async create(batch: BatchRecord): Promise<{ created: boolean; batch: BatchRecord }> {
    const ref = { batchId: batch.batchId, generation: FIRST_GENERATION };
    const created = await this.rows.createAll([
      this.newRow(requestRowSchema, requestKey(batch.requestId), { batchId: batch.batchId }),
      this.newRow(batchRowSchema, batchKey(batch.batchId), batch),
      this.newRow(generationRowSchema, generationKey(ref), { ...ref, status: "open", openedAt: batch.submittedAt }),
    ]);
    if (created) return { created, batch };
    const known = await this.ofRequest(batch.requestId);
    if (known === undefined) throw new BatchIdTakenError(batch.batchId, batch.requestId);
    return { created, batch: known };
  }

  /** @throws UnknownBatchError when the request id is known and its batch is not */
  public async ofRequest(requestId: string): Promise<BatchRecord | undefined> {
    const request = await this.rows.get(requestKey(requestId));
    if (request === undefined) return undefined;
    const { batchId } = readRow(requestRowSchema, request);
    return this.present(batchId);
  }

  public async get(batchId: string): Promise<BatchRecord | undefined> {
    const row = await this.rows.get(batchKey(batchId));
    return row === undefined ? undefined : readRow(batchRecordSchema, row);
  }

  public async markArrived(batchId: string, at: string, uploadMilliseconds: number | undefined): Promise<BatchRecord> {
    const facts = toRow({ arrivedAt: at, uploadMilliseconds });
    const change = checkedChange(batchRowSchema, batchKey(batchId), { setIfAbsent: facts });
    const { row } = await this.rows.update(batchKey(batchId), change, { attribute: "batchId", is: "present" });
    if (row === undefined) throw new UnknownBatchError(batchId);
    return readRow(batchRecordSchema, row);
  }

  public newest(limit: number): Promise<BatchRecord[]> {
    const rows = this.rows.query(BATCHES_PARTITION, { descending: true, limit });
    return readableRows(batchRecordSchema, rows, this.onUnreadable);
  }

  public async getGeneration(ref: GenerationRef): Promise<GenerationRecord | undefined> {
    const row = await this.rows.get(generationKey(ref));
    return row === undefined ? undefined : readRow(generationRecordSchema, row);
  }

  /**
   * META first, then the batch's `latestGeneration`: who died between the two left a generation that nobody lists, and the next call
   * finds its META and goes on. A call that finds both done gives what an earlier one opened.
   */
  public async openGeneration(
    supersedes: GenerationRef,
    replay: ReplaySelection,
    openedAt: string,
  ): Promise<{ opened: boolean; generation: GenerationRecord }> {
    await this.checkSuperseded(supersedes);
    const ref = { ...supersedes, generation: supersedes.generation + 1 };
    const record = { ...ref, status: "open", openedAt, replay } as const;
    const opened = await this.rows.createAll([this.newRow(generationRowSchema, generationKey(ref), record)]);
    await this.rows.update(
      batchKey(ref.batchId),
      checkedChange(batchRowSchema, batchKey(ref.batchId), { set: { latestGeneration: ref.generation } }),
      { attribute: "latestGeneration", equals: supersedes.generation },
    );
    return { opened, generation: opened ? record : present(ref, await this.rows.get(generationKey(ref))) };
  }

  public async recordPlan(ref: GenerationRef, plan: PlanSummary): Promise<PlanSummary> {
    const condition = { all: [statusIs("open"), { attribute: "plan", is: "absent" }] } as const;
    const record = await this.change(ref, { set: { plan: toRow(plan) } }, condition);
    return record.plan ?? plan;
  }

  public close(ref: GenerationRef, cause: CloseCause, detail: string | undefined): Promise<GenerationRecord> {
    const facts = toRow({ status: "closed", closeCause: cause, closeDetail: detail });
    return this.change(ref, { set: facts }, statusIs("open"));
  }

  public seal(ref: GenerationRef, facts: SealFacts): Promise<GenerationRecord> {
    return this.change(ref, { set: toRow({ status: "sealed", ...facts }) }, statusIs("closed"));
  }

  public async putCompletion(ref: GenerationRef, message: string): Promise<string> {
    const condition = { all: [statusIs("sealed"), { attribute: "completion", is: "absent" }] } as const;
    const record = await this.change(ref, { set: { completion: message } }, condition);
    if (record.completion === undefined) throw new GenerationNotSealedError(record);
    return record.completion;
  }

  public async markCompletionSent(ref: GenerationRef, at: string): Promise<void> {
    const change = checkedChange(generationRowSchema, generationKey(ref), { setIfAbsent: { completionSentAt: at } });
    await this.rows.update(generationKey(ref), change, { attribute: "completion", is: "present" });
  }

  private async checkSuperseded(supersedes: GenerationRef): Promise<void> {
    const generation = await this.getGeneration(supersedes);
    if (generation?.status !== "sealed") {
      const found = generation === undefined ? "is not there" : `is ${generation.status}`;
      throw new GenerationConflictError(supersedes, `${found}; only a sealed generation can be followed by another`);
    }
    const { latestGeneration } = await this.present(supersedes.batchId);
    // one ahead: this very call was carried out before
    if (latestGeneration !== supersedes.generation && latestGeneration !== supersedes.generation + 1) {
      throw new GenerationConflictError(supersedes, `is not the latest, which is ${latestGeneration}; supersede that one`);
    }
  }

  private async change(ref: GenerationRef, change: RowChange, condition: RowCondition): Promise<GenerationRecord> {
    const checked = checkedChange(generationRowSchema, generationKey(ref), change);
    return present(ref, (await this.rows.update(generationKey(ref), checked, condition)).row);
  }

  /** A batch that some other row names. */
  private async present(batchId: string): Promise<BatchRecord> {
    const batch = await this.get(batchId);
    if (batch === undefined) throw new UnknownBatchError(batchId);
    return batch;
  }

  private newRow(schema: z.ZodType, key: RowKey, record: object): { key: RowKey; row: Row } {
    return { key, row: checkedRow(schema, key, { ...toRow(record), expiresAt: expiresAt(this.clock) }) };
  }
}

function present(ref: GenerationRef, row: Row | undefined): GenerationRecord {
  if (row === undefined) throw new UnknownGenerationError(ref);
  return readRow(generationRecordSchema, row);
}
