import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { acknowledgementOf, batchFileMessageId } from "../contracts/acknowledgement";
import type { GenerationRef } from "../contracts/batch";
import type { BatchResult, FileResult, PartialLine } from "../contracts/files";
import type { BatchRecord, GenerationRecord, PartialPointer, SealedLine } from "../contracts/ledger-rows";
import type { ResultMessage } from "../contracts/messages";
import { resultKey, resultsKey, sealedKey } from "../contracts/state-keys";
import { partialLinesOf } from "../chunk-work/acknowledge-chunk";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { Ledger } from "../ports/ledger";
import type { ObjectStore } from "../ports/object-store";
import type { ResultStore } from "../ports/result-store";
import { sealedFiles, sealedLines, type SealedFile } from "../seal/sealed-files";
import { optionsHash } from "../workload/options-hash";
import { acknowledgedOutcome } from "./acknowledged-outcome";
import { statusOf } from "./batch-status";
import { mergePartials, type MergedCounts } from "./merge-partials";

export interface ReduceDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly results: ResultStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
  readonly acknowledge: (messages: readonly ResultMessage[]) => Promise<void>;
  readonly log: LogEvent;
}

/** Acknowledgements sent in one go; the queue's adapter makes groups of ten of them. */
const ACKNOWLEDGEMENTS_AT_ONCE = 200;

/**
 * Makes a sealed generation's result from `sealed.jsonl` only: a line per file, the merged counts, and the acknowledgements that
 * no chunk sent (split files, files the plan left out, files of chunks that were closed before their end). Made again it is the same.
 */
export async function reduce(deps: ReduceDeps, ref: GenerationRef): Promise<BatchResult> {
  const batch = await deps.ledger.getBatch(ref.batchId);
  const generation = await deps.ledger.getGeneration(ref);
  if (batch === undefined || generation?.status !== "sealed") {
    throw new Error(`generation ${ref.generation} of batch ${ref.batchId} is ${generation?.status ?? "unknown"}; reduce needs it sealed`);
  }
  const directory = await mkdtemp(path.join(deps.directory, "reduce-"));
  try {
    return await new Reduction(deps, ref, batch, generation, directory).run();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

class Reduction {
  private readonly pending: ResultMessage[] = [];
  /** Chunks whose partials don't count: ranges of a split file that was not processed as a whole. */
  private readonly excludedChunks = new Set<number>();
  private bytes = 0;
  private overlongWords = 0;

  public constructor(
    private readonly deps: ReduceDeps,
    private readonly ref: GenerationRef,
    private readonly batch: BatchRecord,
    private readonly generation: GenerationRecord,
    private readonly directory: string,
  ) {}

  public async run(): Promise<BatchResult> {
    const file = path.join(this.directory, "results.jsonl");
    await pipeline(Readable.from(this.resultLines()), createWriteStream(file));
    await this.deps.store.putFile(this.deps.stateBucket, resultsKey(this.ref), file);
    const merged = await this.merge(this.allPartials());
    const { files, plan } = this.generation;
    if (files === undefined) throw new Error(`the sealed generation ${this.ref.generation} of ${this.ref.batchId} has no counts`);
    const result: BatchResult = {
      ...this.ref,
      status: statusOf(this.generation),
      route: plan?.route ?? null,
      files,
      bytes: this.bytes,
      totalWords: merged.totalWords,
      distinctWords: merged.distinctWords,
      overlongWords: this.overlongWords,
      words: merged.words,
      manifestSha256: plan?.manifestSha256 ?? null,
    };
    await this.deps.store.put(this.deps.stateBucket, resultKey(this.ref), JSON.stringify(result));
    return result;
  }

  private async *resultLines(): AsyncGenerator<string> {
    if (this.generation.plan === undefined) return;
    const lines = partialLinesOfChunks(this.deps, this.sealed());
    const cause = this.generation.closeCause ?? "complete";
    for await (const sealed of sealedFiles(this.deps.store, this.deps.stateBucket, this.ref, cause, this.sealed())) {
      const result = await this.resultOf(sealed, lines);
      this.bytes += result.bytes;
      this.overlongWords += result.overlongWords;
      if (!isAcknowledgedByChunk(sealed)) await this.acknowledge(sealed, result);
      yield `${JSON.stringify(result)}\n`;
    }
    await this.flush();
  }

  private async resultOf(sealed: SealedFile, lines: AsyncIterator<PartialLine>): Promise<FileResult> {
    const { file, parts, reason, status } = sealed;
    const own: PartialLine[] = [];
    // each processed split has one line in the partials, in split order; take them all, also those of a file that failed elsewhere
    for (const { outcome } of parts) {
      if (outcome?.status !== "processed") continue;
      const next = await lines.next();
      if (next.done === true || next.value.file !== file.file)
        throw new Error(`the partials of ${this.ref.batchId} lack the result line of file ${file.file}`);
      own.push(next.value);
    }
    const base = {
      filename: file.key.slice(this.batch.source.prefix.length),
      status,
      ...(reason === undefined ? {} : { reason }),
      bytes: file.size,
    };
    if (status !== "processed" && parts.length > 1) for (const { chunk } of parts) this.excludedChunks.add(chunk.index);
    if (status !== "processed") return { ...base, totalWords: 0, distinctWords: 0, overlongWords: 0, words: [] };
    const [line] = own;
    if (line !== undefined && own.length === 1) {
      const { distinctWords, overlongWords, totalWords, words } = line;
      return { ...base, totalWords, distinctWords, overlongWords, words };
    }
    const merged = await this.mergeRanges(parts.flatMap(({ chunk }) => chunk.partials));
    return { ...base, ...merged, overlongWords: own.reduce((sum, { overlongWords }) => sum + overlongWords, 0) };
  }

  /** A split file's ranges are chunks of their own, so all their partials belong to it. */
  private mergeRanges(partials: readonly PartialPointer[]): Promise<MergedCounts> {
    return this.merge(toAsync(partials));
  }

  private merge(partials: AsyncIterable<PartialPointer>): Promise<MergedCounts> {
    return mergePartials({ ...this.deps, directory: this.directory }, partials, this.batch.options.top);
  }

  private async acknowledge({ file, parts }: SealedFile, result: FileResult): Promise<void> {
    if (result.status === "unfinished") return;
    if (parts.length > 1 && result.status === "processed") {
      const { distinctWords, overlongWords, totalWords, words } = result;
      const item = {
        ...file,
        words,
        totalWords,
        distinctWords,
        overlongWords,
        optionsHash: optionsHash(this.batch.options),
        batchId: this.ref.batchId,
      };
      await this.deps.results.put([item]);
    }
    const sender = { messageId: batchFileMessageId(this.ref, file.file), filename: result.filename, ref: this.ref };
    this.pending.push(acknowledgementOf(file, sender, acknowledgedOutcome(result)));
    if (this.pending.length >= ACKNOWLEDGEMENTS_AT_ONCE) await this.flush();
  }

  private async flush(): Promise<void> {
    await this.deps.acknowledge(this.pending.splice(0));
  }

  private async *allPartials(): AsyncGenerator<PartialPointer> {
    for await (const { index, partials } of this.sealed()) if (!this.excludedChunks.has(index)) yield* partials;
  }

  private sealed(): AsyncIterable<SealedLine> {
    return sealedLines(this.deps.store, this.deps.stateBucket, sealedKey(this.ref));
  }
}

/**
 * Split files and files that the plan left out are in no chunk's acknowledgements. Nor are, for sure, those of a chunk that was closed
 * before its end: its slot may have died between commit and acknowledgement, and a chunk is acknowledged as a whole at its end only.
 */
const isAcknowledgedByChunk = ({ parts }: SealedFile): boolean => parts.length === 1 && parts.every(({ chunk }) => chunk.finished);

async function* partialLinesOfChunks(deps: ReduceDeps, sealed: AsyncIterable<SealedLine>): AsyncGenerator<PartialLine> {
  for await (const { partials } of sealed) yield* partialLinesOf(deps.store, deps.stateBucket, partials);
}

async function* toAsync<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* await Promise.resolve(values);
}
