import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { nodeZlib } from "../../kit/aws/node-zlib";
import { AccessDeniedBreaker } from "../../systems/batch/core/chunk-work/access-denied-breaker";
import type { ChunkControl } from "../../systems/batch/core/chunk-work/chunk-control";
import type { ChunkDeps, GroupLimits } from "../../systems/batch/core/chunk-work/chunk-deps";
import { GenerationWatch } from "../../systems/batch/core/chunk-work/generation-watch";
import type { ChunkLine, GenerationRef, Route } from "../../systems/batch/contracts/batch";
import type { WordCountOptions } from "../../workloads/word-count/options";
import type { ManifestLine, Split } from "../../systems/batch/contracts/files";
import type { TextEncoding } from "../../workloads/text/text-encodings";
import type { BatchRecord, PlanSummary } from "../../systems/batch/contracts/ledger-rows";
import { VERSIONS } from "../../systems/batch/contracts/versions";
import type { ResultMessage } from "../../systems/batch/contracts/messages";
import { chunksKey, manifestKey, splitsKey } from "../../systems/batch/contracts/state-keys";
import type { Clock } from "../../kit/ports/clock";
import { RowLedger } from "../../systems/batch/core/ledger/row-ledger";
import type { ReduceDeps } from "../../systems/batch/core/reduce/reduce";
import type { ReportDeps } from "../../systems/batch/core/report/report";
import type { SealDeps } from "../../systems/batch/core/seal/seal";
import { MemoryObjectStore } from "../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "./fakes/clock";
import { testFaults } from "./fakes/service-faults";
import { uncounted } from "./fakes/call-meter";
import { undisturbedControl } from "./undisturbed";
import { sessionsIn, wordCountOf } from "./word-count";

export const SOURCE = "filemill-uploading-test";
export const STATE = "filemill-batch-state-test";
export const REF: GenerationRef = { batchId: "01JBATCH000000000000000000", generation: 1 };
export const PREFIX = "in/";

export const LEASE_MILLISECONDS = 60_000;

export interface WorldFile {
  readonly name: string;
  readonly body: string | Uint8Array;
  readonly leftOut?: ManifestLine["leftOut"];
  /** Cuts of a file that is split by range: the ranges end there and at the file's end. */
  readonly cuts?: readonly number[];
  readonly encoding?: TextEncoding;
}

/** A batch in memory, planned by hand: the test decides on chunks and ranges. Dispose of it. */
export class BatchWorld {
  public readonly clock = new FakeClock();
  public readonly rows = new MemoryRowStore();
  public readonly ledger: RowLedger;
  public readonly store = new MemoryObjectStore([SOURCE, STATE]);
  public readonly results = new MemoryResultStore();
  public readonly resultsQueue = new MemoryQueue({ name: "results", clock: this.clock });
  public readonly acknowledged: ResultMessage[] = [];
  /** Everything that happened, in order: `partial`, `items`, `commit`, `acknowledge`. */
  public readonly steps: string[] = [];
  public readonly directory = mkdtempSync(path.join(tmpdir(), "filemill-test-"));
  public chunks: ChunkLine[] = [];

  /** @param ledgerClock what takeovers are judged by. @default the world's own */
  public constructor(ledgerClock?: Clock) {
    this.ledger = new RowLedger(this.rows, ledgerClock ?? this.clock);
  }

  public dispose(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A slot's surroundings, undisturbed but for `change`: its lease lasts a minute from now on. */
  public control(change: Partial<ChunkControl> = {}): ChunkControl {
    return { ...undisturbedControl(this.clock, LEASE_MILLISECONDS), ...change };
  }

  /** The only chunk of the plan. */
  public get chunk(): ChunkLine {
    const [chunk] = this.chunks;
    if (chunk === undefined || this.chunks.length !== 1) throw new Error(`expected one chunk, planned ${this.chunks.length}`);
    return chunk;
  }

  /** Stores files, batch and plan; `filesPerChunk` packs whole files, each range is a chunk of its own. */
  public async plan(
    files: readonly WorldFile[],
    settings: Partial<WordCountOptions> & { filesPerChunk?: number; acknowledgePer?: "file" | "chunk"; route?: Route } = {},
  ): Promise<void> {
    const { acknowledgePer = "file", filesPerChunk = 3, route = "fleet", ...options } = settings;
    const manifest = files.map((file, index) => this.manifestLine(file, index));
    const groups = groupsOf(files, manifest, filesPerChunk);
    const hashes = this.writeState(manifest, groups);
    const batch: BatchRecord = {
      batchId: REF.batchId,
      requestId: "request",
      sources: [{ bucket: SOURCE, prefix: PREFIX }],
      workload: wordCountOf(options).record,
      requestedRoute: route,
      acknowledgePerFileUpTo: acknowledgePer === "file" ? 10_000 : 0,
      latestGeneration: 1,
      submittedAt: new Date(this.clock.now()).toISOString(),
    };
    await this.ledger.createBatch(batch);
    const plan: PlanSummary = {
      route,
      fileCount: files.length,
      bytes: manifest.reduce((sum, { size }) => sum + size, 0),
      splitCount: groups.flat().length,
      chunkCount: groups.length,
      ...hashes,
      estimatedSeconds: 1,
      estimatedCostUsd: 0,
      acknowledgePer,
      carriedFileCount: 0,
      versions: VERSIONS,
    };
    await this.ledger.recordPlan(REF, plan);
  }

  public chunkDeps(groupLimits: Partial<GroupLimits> = {}): ChunkDeps {
    return {
      ledger: this.ledger,
      store: this.store,
      results: this.results,
      stateBucket: STATE,
      clock: this.clock,
      faults: testFaults,
      calls: uncounted,
      room: { decompressor: nodeZlib, memoryBytes: 4 * 1_048_576, directory: this.directory, decompressionLimitBytes: 64 * 1_048_576 },
      sessions: sessionsIn({ store: this.store, stateBucket: STATE, directory: this.directory }),
      watch: new GenerationWatch(this.ledger, this.clock),
      breaker: new AccessDeniedBreaker(),
      groupLimits: { maximumSplits: 250, maximumBytes: 64 * 1_048_576, maximumMilliseconds: 20_000, ...groupLimits },
      acknowledge: (messages) => {
        if (messages.length > 0) this.steps.push("acknowledge");
        this.acknowledged.push(...messages);
        return Promise.resolve();
      },
      log: () => undefined,
    };
  }

  public sealDeps(): SealDeps {
    return { ledger: this.ledger, store: this.store, stateBucket: STATE, directory: this.directory, log: () => undefined };
  }
  public reduceDeps(): ReduceDeps {
    const { acknowledge } = this.chunkDeps();
    return { ...this.sealDeps(), results: this.results, memoryBytes: 4 * 1_048_576, acknowledge };
  }
  public reportDeps(): ReportDeps {
    return { ...this.sealDeps(), resultsQueue: this.resultsQueue, clock: this.clock };
  }

  private manifestLine({ body, leftOut, name }: WorldFile, file: number): ManifestLine {
    const key = PREFIX + name;
    this.store.set(SOURCE, key, body);
    const bytes = this.store.bytes(SOURCE, key);
    const identity = { bucket: SOURCE, key, etag: createHash("md5").update(bytes).digest("hex"), size: bytes.length };
    return { file, ...identity, lastModified: "2026-01-01T00:00:00.000Z", ...(leftOut === undefined ? {} : { leftOut }) };
  }

  private writeState(
    manifest: readonly ManifestLine[],
    groups: readonly (readonly Split[])[],
  ): Pick<PlanSummary, "manifestSha256" | "planSha256"> {
    let splits = "";
    this.chunks = groups.map((group, index) => {
      const text = group.map((split) => `${JSON.stringify(split)}\n`).join("");
      const chunk = { index, offset: Buffer.byteLength(splits), length: Buffer.byteLength(text), sha256: sha256(text) };
      splits += text;
      return chunk;
    });
    const contents = [jsonLines(manifest), splits, jsonLines(this.chunks)] as const;
    const plan = { manifestSha256: sha256(contents[0]), planSha256: sha256(contents.join("\n")) };
    [manifestKey, splitsKey, chunksKey].forEach((keyOf, index) => {
      this.store.set(STATE, keyOf(REF, plan), contents[index] ?? "");
    });
    return plan;
  }
}

function groupsOf(files: readonly WorldFile[], manifest: readonly ManifestLine[], filesPerChunk: number): Split[][] {
  const groups: Split[][] = [];
  let open: Split[] = [];
  const close = (): void => {
    if (open.length > 0) groups.push(open);
    open = [];
  };
  files.forEach((file, index) => {
    const line = manifest[index];
    if (line === undefined || line.leftOut !== undefined) return;
    if (file.cuts === undefined) {
      open.push(line);
      if (open.length === filesPerChunk) close();
      return;
    }
    close();
    groups.push(...rangesOf(line, file.cuts, file.encoding ?? "utf-8").map((split) => [split]));
  });
  close();
  return groups;
}

function rangesOf(line: ManifestLine, cuts: readonly number[], encoding: TextEncoding): Split[] {
  const starts = [0, ...cuts];
  return starts.map((start, index) => ({
    ...line,
    range: { start, end: starts[index + 1] ?? line.size, index, count: starts.length },
    encoding,
  }));
}

const jsonLines = (values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
