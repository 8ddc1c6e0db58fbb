import type { BatchRecord, CloseCause, PlanSummary } from "../../../../../systems/batch/contracts/ledger-rows";
import type { GenerationRef } from "../../../../../systems/batch/contracts/batch";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";
import { FakeWorkflow } from "../../../../support/fakes/workflow";

export const idOf = (number: number): string => `01J${String(number).padStart(23, "0")}`;
export const refOf = (number: number, generation = 1): GenerationRef => ({ batchId: idOf(number), generation });
export const HOUR = 3_600_000;
export const MINUTE = 60_000;

const NO_FILES = { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
const PLAN: PlanSummary = {
  route: "fleet",
  fileCount: 3,
  bytes: 300,
  splitCount: 3,
  chunkCount: 3,
  manifestSha256: "",
  planSha256: "",
  estimatedSeconds: 1,
  estimatedCostUsd: 1,
  acknowledgePer: "file",
  carriedFileCount: 0,
  versions: VERSIONS,
};

/** A ledger and a machine of one environment, with what ends batches from outside. */
export class FinishWorld {
  public readonly clock = new FakeClock();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly workflow = new FakeWorkflow(this.clock);
  public readonly events: string[] = [];
  public readonly logged: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  public readonly deps = {
    ledger: this.ledger,
    workflow: this.workflow,
    clock: this.clock,
    log: (_level: string, event: string, fields: Readonly<Record<string, unknown>>): void => {
      this.events.push(event);
      this.logged.push({ event, fields });
    },
  };

  public async submit(number: number, terms: Partial<BatchRecord> = {}): Promise<GenerationRef> {
    await this.ledger.createBatch(
      batchRecord({
        batchId: idOf(number),
        requestId: `request-${number}`,
        sources: [{ bucket: "uploading", prefix: "" }],
        submittedAt: this.now(),
        ...terms,
      }),
    );
    return refOf(number);
  }

  /** Submitted, started, and planned with a place. */
  public async atWork(number: number, terms: Partial<BatchRecord> = {}, plan: Partial<PlanSummary> = {}): Promise<GenerationRef> {
    const ref = await this.submit(number, terms);
    await this.workflow.start(ref);
    await this.ledger.takePlace(ref, 100);
    await this.ledger.recordPlan(ref, { ...PLAN, ...plan });
    return ref;
  }

  /** Claims a chunk and commits all of it. */
  public async finishChunk(ref: GenerationRef, index: number, slotMilliseconds: number): Promise<void> {
    const claimed = await this.ledger.claimChunk(ref, index, { worker: "worker", leaseUntil: this.clock.now() + MINUTE });
    await this.ledger.commitGroup(ref, index, claimed.row.claim, {
      group: 0,
      outcomes: "P",
      finishes: true,
      leaseUntil: this.clock.now(),
      slotMilliseconds,
    });
  }

  public async seal(ref: GenerationRef, cause: CloseCause = "complete"): Promise<void> {
    await this.ledger.closeGeneration(ref, cause);
    await this.ledger.sealGeneration(ref, { files: NO_FILES, sealedSha256: "" });
  }

  public async report(ref: GenerationRef, cause: CloseCause = "complete"): Promise<void> {
    await this.seal(ref, cause);
    await this.ledger.putCompletion(ref, "{}");
    await this.ledger.markCompletionSent(ref, this.now());
  }

  public now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}
