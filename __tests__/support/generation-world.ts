import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodeZlib } from "../../kit/aws/node-zlib";
import { AccessDeniedBreaker } from "../../systems/batch/core/chunk-work/access-denied-breaker";
import { GROUP_LIMITS, type ChunkDeps } from "../../systems/batch/core/chunk-work/chunk-deps";
import { CommitGroupBuilder } from "../../systems/batch/core/chunk-work/commit-group";
import { GenerationWatch } from "../../systems/batch/core/chunk-work/generation-watch";
import { readSplits } from "../../systems/batch/core/chunk-work/read-splits";
import {
  chunkLineSchema,
  rangeLineSchema,
  type ChunkLine,
  type GenerationRef,
  type PlanOutput,
  type RangeLine,
} from "../../systems/batch/contracts/batch";
import {
  fileResultSchema,
  manifestLineSchema,
  type BatchResult,
  type FileResult,
  type ManifestLine,
  type Split,
} from "../../systems/batch/contracts/files";
import {
  OUTCOME_LETTERS,
  type BatchRecord,
  type CloseCause,
  type GenerationRecord,
  type OutcomeLetter,
} from "../../systems/batch/contracts/ledger-rows";
import type { ResultMessage } from "../../systems/batch/contracts/messages";
import { chunksKey, manifestKey, rangesKey, resultsKey } from "../../systems/batch/contracts/state-keys";
import { resumeBatch, type ResumedBatch } from "../../systems/batch/core/generations/resume-batch";
import { RowLedger } from "../../systems/batch/core/ledger/row-ledger";
import { mergeRange, type MergedRange } from "../../systems/batch/core/reduce/merge-range";
import { reduce } from "../../systems/batch/core/reduce/reduce";
import { report } from "../../systems/batch/core/report/report";
import { seal } from "../../systems/batch/core/seal/seal";
import { workSplit, type WorkedSplit } from "../../systems/batch/core/chunk-work/work-split";
import { plan } from "../../systems/batch/core/planning/plan";
import type { PlanDeps } from "../../systems/batch/core/planning/plan-deps";
import { MemoryObjectStore } from "../../kit/simulator/memory/memory-object-store";
import { MemoryResultStore } from "../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "./fakes/clock";
import { testFaults } from "./fakes/service-faults";
import { uncounted } from "./fakes/call-meter";
import { FakeWorkflow } from "./fakes/workflow";
import { batchRecord } from "./batch-record";
import { sessionsIn } from "./word-count";
import { BoundWorkload } from "../../workloads/bound-workload";

export const SOURCE = "filemill-uploading-test";
export const STATE = "filemill-batch-state-test";
export const PREFIX = "in/";
export const BATCH_ID = "01JBATCH000000000000000000";

/** What becomes of a split: `work` reads and counts it, a letter settles it as that, `stop` leaves it and the rest of its chunk. */
export type Decision = "work" | "stop" | Exclude<OutcomeLetter, "P">;
export type Decide = (split: Split) => Decision;

/** A batch in memory over several generations, planned, sealed, reduced and reported by the real code. Dispose of it. */
export class GenerationWorld {
  public readonly clock = new FakeClock();
  public readonly rows = new MemoryRowStore();
  public readonly ledger = new RowLedger(this.rows, this.clock);
  public readonly store = new MemoryObjectStore([SOURCE, STATE]);
  public readonly results = new MemoryResultStore();
  public readonly workflow = new FakeWorkflow(this.clock);
  public readonly acknowledged: ResultMessage[] = [];
  public readonly sent: string[] = [];
  public readonly events: string[] = [];
  public readonly directory = mkdtempSync(path.join(tmpdir(), "filemill-generations-"));
  private readonly breaker = new AccessDeniedBreaker();

  /** @param partialsPerRange that a seal cuts by. @default as deployed */
  public constructor(private readonly partialsPerRange?: number) {}

  public dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  public async createBatch(batch: Partial<BatchRecord> = {}): Promise<void> {
    await this.ledger.createBatch(
      batchRecord({
        batchId: BATCH_ID,
        sources: [{ bucket: SOURCE, prefix: PREFIX }],
        requestedRoute: "lambda",
        acknowledgePerFileUpTo: 10_000,
        submittedAt: new Date(this.clock.now()).toISOString(),
        ...batch,
      }),
    );
  }

  /** Files of more than 120 bytes are split, chunks have four files at most. */
  public planDeps(): PlanDeps {
    return {
      ...this.stateDeps(),
      clock: this.clock,
      sourceBuckets: [SOURCE],
      writing: { targetChunkBytes: 400, maximumFilesPerChunk: 4, fileOverheadBytes: 10, splitBytes: 120, maximumFiles: 1_000 },
      limits: {
        fleetConcurrency: 100,
        lambdaConcurrency: 100,
        fleetTaskTimeoutSeconds: 3_600,
        lambdaTimeoutSeconds: 900,
        bytesPerSlotSecond: 10_000_000,
        slotsPerWorker: 2,
        maximumWorkers: 8,
        partialsPerRange: this.partialsPerRange ?? 5_000,
      },
      maximumOpenBatches: 2,
      wakeFleet: () => Promise.resolve(),
    };
  }
  public reduceDeps(): Parameters<typeof reduce>[0] {
    const acknowledge = (messages: readonly ResultMessage[]): Promise<void> => {
      this.acknowledged.push(...messages);
      return Promise.resolve();
    };
    return { ...this.stateDeps(), results: this.results, memoryBytes: 1_048_576, acknowledge };
  }
  public reportDeps(): Parameters<typeof report>[0] {
    const resultsQueue = {
      send: (bodies: readonly string[]): Promise<void> => {
        this.sent.push(...bodies);
        return Promise.resolve();
      },
    };
    return { ...this.stateDeps(), resultsQueue, clock: this.clock };
  }

  public plan(generation: number): Promise<PlanOutput> {
    return plan(this.planDeps(), refOf(generation));
  }
  public resume(reasons: readonly string[] = []): Promise<ResumedBatch> {
    const ports = { ledger: this.ledger, workflow: this.workflow, clock: this.clock, objects: this.store, stateBucket: STATE };
    return resumeBatch(ports, BATCH_ID, { reasons: [...reasons] as never });
  }
  public async seal(generation: number, cause: CloseCause = "complete"): Promise<GenerationRecord> {
    const cut = this.partialsPerRange === undefined ? {} : { partialsPerRange: this.partialsPerRange };
    return seal({ ...this.stateDeps(), ...cut }, refOf(generation), cause);
  }
  /** The ranges that a sealed generation is merged in; none in one step. */
  public async ranges(generation: number): Promise<RangeLine[]> {
    const { merging } = await this.record(generation);
    if (merging === undefined) return [];
    return this.jsonLines(rangesKey(refOf(generation), merging)).map((line) => rangeLineSchema.parse(line));
  }
  public mergeRange(generation: number, range: RangeLine): Promise<MergedRange> {
    return mergeRange(this.reduceDeps(), refOf(generation), range);
  }
  /** Seal, merge where there are ranges, reduce and report. */
  public async finish(generation: number, cause: CloseCause = "complete"): Promise<BatchResult> {
    await this.seal(generation, cause);
    for (const range of await this.ranges(generation)) await this.mergeRange(generation, range);
    const result = await reduce(this.reduceDeps(), refOf(generation));
    await report(this.reportDeps(), refOf(generation));
    return result;
  }
  /** Plans, works and finishes. */
  public async run(generation: number, decide: Decide, cause?: CloseCause): Promise<BatchResult> {
    await this.plan(generation);
    await this.work(generation, decide);
    return this.finish(generation, cause);
  }

  public async record(generation: number): Promise<GenerationRecord> {
    const record = await this.ledger.getGeneration(refOf(generation));
    if (record === undefined) throw new Error(`no generation ${generation}`);
    return record;
  }
  public async manifest(generation: number): Promise<ManifestLine[]> {
    const key = await this.planKey(generation, manifestKey);
    return this.jsonLines(key).map((line) => manifestLineSchema.parse(line));
  }
  public async chunks(generation: number): Promise<ChunkLine[]> {
    const key = await this.planKey(generation, chunksKey);
    return this.jsonLines(key).map((line) => chunkLineSchema.parse(line));
  }
  public async splits(generation: number): Promise<Split[]> {
    const record = await this.record(generation);
    const chunks = await this.chunks(generation);
    return (await Promise.all(chunks.map((chunk) => readSplits(this.store, STATE, record, chunk)))).flat();
  }
  public resultLines(generation: number): FileResult[] {
    return this.jsonLines(resultsKey(refOf(generation))).map((line) => fileResultSchema.parse(line));
  }

  /** Works on every chunk as it is decided, in groups of two files. @returns the letters committed, by file and range */
  public async work(generation: number, decide: Decide): Promise<Map<string, OutcomeLetter>> {
    const record = await this.record(generation);
    const letters = new Map<string, OutcomeLetter>();
    if (record.plan === undefined) return letters;
    for (const chunk of await this.chunks(generation)) {
      const splits = await readSplits(this.store, STATE, record, chunk);
      const settled = await this.workChunk(record, chunk.index, splits, decide);
      Array.from(settled).forEach((letter, position) => {
        const split = splits[position];
        if (split !== undefined) letters.set(placeOf(split), letter as OutcomeLetter);
      });
    }
    return letters;
  }

  private async workChunk(
    { batchId, generation }: GenerationRecord,
    index: number,
    splits: readonly Split[],
    decide: Decide,
  ): Promise<string> {
    const ref = { batchId, generation };
    const bound = await this.bound();
    const decisions = splits.map(decide);
    const end = decisions.indexOf("stop");
    const count = end === -1 ? splits.length : end;
    if (count === 0) return "";
    const leaseUntil = this.clock.now() + 60_000;
    const { row, status } = await this.ledger.claimChunk(ref, index, { worker: "worker", leaseUntil });
    // as a slot would leave it alone
    if (status !== "claimed") return row.outcomes;
    let outcomes = "";
    for (let group = 0; outcomes.length < count; group += 1) {
      const builder = new CommitGroupBuilder(this.chunkDeps(), bound, this.clock.monotonic());
      try {
        for (let position = outcomes.length; position < count && builder.settled.length < 2; position += 1) {
          const split = splits[position];
          if (split !== undefined) await builder.add(split, await this.workOn(split, bound, decisions[position] ?? "work", generation));
        }
        const partial = await builder.writePartial(ref, index, row.claim, group);
        await this.results.put(builder.items(batchId));
        outcomes += builder.settled.map(({ letter }) => letter).join("");
        const facts = { group, outcomes, finishes: outcomes.length === splits.length, leaseUntil, slotMilliseconds: 1 };
        await this.ledger.commitGroup(ref, index, row.claim, { ...facts, ...(partial === undefined ? {} : { partial }) });
      } finally {
        await builder.dispose();
      }
    }
    return outcomes;
  }

  private async workOn(split: Split, bound: BoundWorkload, decision: Decision, generation: number): Promise<WorkedSplit> {
    if (decision !== "work" && decision !== "stop")
      return { ...OUTCOME_LETTERS[decision], detail: decidedDetail(split, generation) } as WorkedSplit;
    const { bucket, encoding, key, range } = split;
    const read = {
      bucket,
      key,
      identity: split,
      ...(range === undefined ? {} : { range }),
      ...(encoding === undefined ? {} : { encoding }),
    };
    return workSplit(this.chunkDeps(), read, () => bound, new AbortController().signal);
  }

  private async bound(): Promise<BoundWorkload> {
    const batch = await this.ledger.getBatch(BATCH_ID);
    if (batch === undefined) throw new Error(`no batch ${BATCH_ID}`);
    return BoundWorkload.ofRecord(batch.workload);
  }

  private chunkDeps(): ChunkDeps {
    return {
      ...this.reduceDeps(),
      sessions: sessionsIn(this.stateDeps()),
      clock: this.clock,
      faults: testFaults,
      calls: uncounted,
      room: { decompressor: nodeZlib, memoryBytes: 1_048_576, directory: this.directory, decompressionLimitBytes: 1_048_576 },
      watch: new GenerationWatch(this.ledger, this.clock),
      breaker: this.breaker,
      groupLimits: GROUP_LIMITS,
    };
  }

  private stateDeps() {
    return {
      ledger: this.ledger,
      store: this.store,
      stateBucket: STATE,
      directory: this.directory,
      log: (_level: string, event: string) => void this.events.push(event),
    };
  }

  private async planKey(generation: number, keyOf: typeof manifestKey): Promise<string> {
    const { plan: stored } = await this.record(generation);
    if (stored === undefined) throw new Error(`generation ${generation} has no plan`);
    return keyOf(refOf(generation), stored);
  }
  private jsonLines(key: string): unknown[] {
    return this.store
      .text(STATE, key)
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown);
  }
}

export const refOf = (generation: number): GenerationRef => ({ batchId: BATCH_ID, generation });

/** Names a split: its file, and its range if it has one. */
export const placeOf = ({ file, range }: Split): string => `${file}/${range?.index ?? 0}`;

/** What is said to be wrong with a split that a letter settled. */
export const decidedDetail = (split: Split, generation: number): string => `decided for ${placeOf(split)} in generation ${generation}`;
