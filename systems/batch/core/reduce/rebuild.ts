import { createReadStream } from "node:fs";
import path from "node:path";
import { batchResultSchema, type BatchResult, type FileResult, type PartialLine } from "../../contracts/files";
import { fileWordsOf, isDoubtful, NO_WORDS, type FileWords } from "../../../../workloads/word-count/results";
import type { BatchRecord, GenerationRecord, SealedLine } from "../../contracts/ledger-rows";
import { receiptKey } from "../../contracts/state-keys";
import { storable } from "../../../../kit/lib/storable";
import { batchFiles, type BatchFile } from "../stored-batch/batch-files";
import { BatchStateError } from "../stored-batch/errors";
import { jsonLine, LineFile } from "../../../../kit/lib/line-file";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { present } from "../../../../kit/lib/present";
import { ReceiptMaker, sha256Of } from "../receipt/make-receipt";
import { sealedLines } from "../stored-batch/sealed-lines";
import { filenameIn } from "../sources/batch-sources";
import { textLines } from "../../../../kit/lib/text-lines";
import { statusOf } from "../stored-batch/batch-status";
import { mergePartials, type MergedCounts } from "./merge-partials";
import { ResultLines, type CountedPartial } from "./result-lines";
import { asyncValues } from "../../../../kit/lib/async-values";

export interface RebuildInputs {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files, the caller's to remove. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
  readonly batch: BatchRecord;
  /** 1 to n in order, all sealed; the result is that of the last. */
  readonly generations: readonly GenerationRecord[];
}

/** Called for every file of the batch in order, with its result; awaited. */
export type FileSink = (file: BatchFile, result: FileResult) => void | Promise<void>;

export interface Rebuilt {
  readonly result: BatchResult;
  /** Text of `receipt.json`. */
  readonly receipt: string;
}

/**
 * Makes a sealed generation's result and receipt from what is sealed: the manifests, what was sealed and the partials of all generations
 * up to its own. It writes nothing but temporary files, and made again it is the same.
 *
 * @throws BatchStateError when what is stored contradicts itself
 */
export async function rebuild(inputs: RebuildInputs, onFile: FileSink): Promise<Rebuilt> {
  const { batch, generations, stateBucket, store } = inputs;
  const generation = generations.at(-1);
  if (generation?.status !== "sealed") throw new Error(`batch ${batch.batchId} has no sealed generation to rebuild`);
  const walk = new Walk(inputs, generation, onFile);
  const sealed = walk.receipt.observed(sealedLines(store, stateBucket, generation));
  const partials = await walk.run(batchFiles(store, stateBucket, generations, sealed), sealed);
  return walk.finish(await mergePartials(inputs, storedPartials(partials), batch.options.top));
}

/** One walk over the files of a batch. */
class Walk {
  public readonly receipt: ReceiptMaker;
  private readonly lines: ResultLines;
  private bytes = 0;
  private overlongWords = 0;
  private invalidBytes = 0;
  private doubtfulFiles = 0;

  public constructor(
    private readonly inputs: RebuildInputs,
    private readonly generation: GenerationRecord,
    private readonly onFile: FileSink,
  ) {
    this.receipt = new ReceiptMaker(inputs.batch, generation);
    this.lines = new ResultLines(inputs.store, inputs.stateBucket, inputs.batch.batchId);
  }

  /** @returns path of a file with the partials that count: there may be tens of thousands */
  public async run(files: AsyncIterable<BatchFile>, sealed: AsyncIterable<SealedLine>): Promise<string> {
    const partialsPath = path.join(this.inputs.directory, "partials.jsonl");
    const partials = await LineFile.create(partialsPath);
    try {
      for await (const file of files) {
        const result = await this.resultOf(file, partials);
        this.bytes += result.bytes;
        this.overlongWords += result.overlongWords;
        this.invalidBytes += result.invalidBytes;
        if (isDoubtful(result)) this.doubtfulFiles += 1;
        this.receipt.addFile(file.file, result);
        await this.onFile(file, result);
      }
      await this.lines.end();
      // a generation without a plan has no chunks, and its walk did not come by here
      for await (const line of sealed) throw new BatchStateError(`what was sealed has chunk ${line.index}, which no file is in`);
      await partials.finish();
    } catch (error) {
      await partials.abandon();
      throw error;
    } finally {
      await this.lines.dispose();
    }
    return partialsPath;
  }

  public finish({ distinctWords, totalWords, words }: MergedCounts): Rebuilt {
    const { bytes, doubtfulFiles, invalidBytes, overlongWords } = this;
    const { batchId, generation, plan } = this.generation;
    const { receipt, files } = this.receipt.finish({ invalidBytes, doubtfulFiles, totalWords, distinctWords, overlongWords });
    const result: BatchResult = {
      batchId,
      generation,
      status: statusOf(this.generation),
      route: plan?.route ?? null,
      files,
      bytes,
      invalidBytes,
      doubtfulFiles,
      totalWords,
      distinctWords,
      overlongWords,
      words,
      manifestSha256: plan?.manifestSha256 ?? null,
      receipt: { key: receiptKey(this.generation), sha256: sha256Of(receipt) },
    };
    return { result: storable(batchResultSchema, result, `the result of generation ${generation} of batch ${batchId}`), receipt };
  }

  private async resultOf(file: BatchFile, partials: LineFile): Promise<FileResult> {
    const { reason, status } = file;
    const base = {
      filename: filenameIn(this.inputs.batch.sources, file.file),
      status,
      ...(reason === undefined ? {} : { reason }),
      bytes: file.file.size,
    };
    if (status !== "processed") return { ...base, ...NO_WORDS };
    const taken = await this.lines.take(file);
    for (const partial of taken.partials) await partials.append(jsonLine(partial));
    return { ...base, ...(await this.countsOf(taken.lines, taken.partials)) };
  }

  /** A split file's ranges are chunks of their own, so all their partials belong to it. */
  private async countsOf(lines: readonly PartialLine[], partials: readonly CountedPartial[]): Promise<FileWords> {
    const first = present(lines[0], "the result line of a processed file");
    if (lines.length === 1) return fileWordsOf(first);
    const merged = await mergePartials(this.inputs, asyncValues(partials), this.inputs.batch.options.top);
    const sumOf = (numberOf: (line: PartialLine) => number): number => lines.reduce((sum, line) => sum + numberOf(line), 0);
    return fileWordsOf({
      ...merged,
      encoding: first.encoding,
      textBytes: sumOf(({ textBytes }) => textBytes),
      invalidBytes: sumOf(({ invalidBytes }) => invalidBytes),
      overlongWords: sumOf(({ overlongWords }) => overlongWords),
    });
  }
}

async function* storedPartials(file: string): AsyncGenerator<CountedPartial> {
  for await (const line of textLines(createReadStream(file) as AsyncIterable<Uint8Array>)) yield JSON.parse(line) as CountedPartial;
}
