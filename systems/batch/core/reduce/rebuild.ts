import { batchResultSchema, type BatchResult, type FileResult, type OutputCounts, type StagedOutput } from "../../contracts/files";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { Merge } from "../../../../workloads/workload";
import { countOutputs } from "../workloads/count-outputs";
import { publishedOutputs } from "../workloads/publish-outputs";
import type { Sessions } from "../workloads/sessions";
import type { BatchRecord, GenerationRecord, SealedLine } from "../../contracts/ledger-rows";
import { receiptKey } from "../../contracts/state-keys";
import { storable } from "../../../../kit/lib/storable";
import { batchFiles, type BatchFile } from "../stored-batch/batch-files";
import { BatchStateError } from "../stored-batch/errors";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { ReceiptMaker, sha256Of, workloadInOrder } from "../receipt/make-receipt";
import { sealedLines } from "../stored-batch/sealed-lines";
import { filenameIn } from "../sources/batch-sources";
import { statusOf } from "../stored-batch/batch-status";
import { joinFile, JoinedFiles } from "./joined-files";
import { LinesAhead } from "./lines-ahead";
import { addPartials } from "./merge-partials";
import { PARTIALS_PER_RANGE, PartialRanges, type WrittenRanges } from "./partial-ranges";
import { addMadeSections, addStoredSections, writtenPartials } from "./range-sections";
import { ResultLines, type CommittedLine, type TakenLines } from "./result-lines";

export interface RebuildInputs {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files, the caller's to remove. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
  readonly sessions: Sessions;
  /**
   * Where what ranges of partials come to is from, in a merge in two steps: `stored` by those who merged them, or `made` here, from the
   * partials alone.
   */
  readonly ranges: "stored" | "made";
  readonly batch: BatchRecord;
  /** 1 to n in order, all sealed; the result is that of the last. */
  readonly generations: readonly GenerationRecord[];
}

/** Called for every file of the batch in order, with its result and, of a processed one, where that was committed; awaited. */
export type FileSink = (file: BatchFile, result: FileResult, committed: readonly CommittedLine[]) => void | Promise<void>;

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
  const bound = BoundWorkload.ofRecord(batch.workload);
  const merge = inputs.sessions.merge(bound, inputs);
  try {
    const walk = new Walk(inputs, generation, bound, merge, onFile);
    const sealed = walk.receipt.observed(sealedLines(store, stateBucket, generation));
    const written = await walk.run(batchFiles(store, stateBucket, generations, sealed), sealed);
    await addAll(inputs, generation, bound, written, merge);
    return walk.finish(await merge.total());
  } finally {
    await merge.dispose();
  }
}

async function addAll(
  inputs: RebuildInputs,
  { batchId, generation, merging }: GenerationRecord,
  bound: BoundWorkload,
  written: WrittenRanges,
  merge: Merge<unknown, unknown>,
): Promise<void> {
  if (merging === undefined) {
    await addPartials(inputs, writtenPartials(written), merge);
    return;
  }
  if (written.merging?.rangesSha256 !== merging.rangesSha256) {
    const found = written.merging?.rangesSha256 ?? "none";
    throw new BatchStateError(
      `generation ${generation} of batch ${batchId} was sealed with the ranges ${merging.rangesSha256}, but what is stored comes to ${found}`,
    );
  }
  if (inputs.ranges === "stored") await addStoredSections(inputs, { batchId, generation }, merging, merge);
  else await addMadeSections(inputs, bound, written, merge);
}

/** One walk over the files of a batch. */
class Walk {
  public readonly receipt: ReceiptMaker;
  private readonly stored: LinesAhead;
  private readonly lines: ResultLines;
  /** What ranges joined; undefined where files are joined here. */
  private readonly joined: JoinedFiles | undefined;
  private bytes = 0;
  private outputs: OutputCounts = { files: 0, bytes: 0 };

  public constructor(
    private readonly inputs: RebuildInputs,
    private readonly generation: GenerationRecord,
    private readonly bound: BoundWorkload,
    private readonly merge: Merge<unknown, unknown>,
    private readonly onFile: FileSink,
  ) {
    this.receipt = new ReceiptMaker(inputs.batch, generation);
    this.stored = new LinesAhead(inputs.store, inputs.stateBucket, inputs.batch.batchId);
    this.lines = new ResultLines(this.stored, inputs.batch.batchId);
    const { batchId, merging } = generation;
    const ref = { batchId, generation: generation.generation };
    if (merging !== undefined && inputs.ranges === "stored") this.joined = new JoinedFiles(inputs.store, inputs.stateBucket, ref, merging);
  }

  /** @returns the partials that count, in ranges */
  public async run(files: AsyncIterable<BatchFile>, sealed: AsyncIterable<SealedLine>): Promise<WrittenRanges> {
    const partials = await PartialRanges.create(this.inputs.directory, this.generation.merging?.partialsPerRange ?? PARTIALS_PER_RANGE);
    try {
      for await (const file of this.stored.over(files)) {
        const { committed, result } = await this.resultOf(file, partials);
        this.take(result);
        this.receipt.addFile(file.file, result);
        await this.onFile(file, result, committed);
      }
      await this.lines.end();
      await this.joined?.end();
      // a generation without a plan has no chunks, and its walk did not come by here
      for await (const line of sealed) throw new BatchStateError(`what was sealed has chunk ${line.index}, which no file is in`);
      return await partials.finish();
    } catch (error) {
      await partials.abandon();
      throw error;
    } finally {
      await this.lines.dispose();
      await this.joined?.dispose();
    }
  }

  public finish(total: unknown): Rebuilt {
    const { bytes, outputs } = this;
    const { batchId, generation, plan } = this.generation;
    const { receipt, files } = this.receipt.finish(total);
    const { name, options, version } = workloadInOrder(this.inputs.batch);
    const result: BatchResult = {
      batchId,
      generation,
      status: statusOf(this.generation),
      route: plan?.route ?? null,
      files,
      bytes,
      workload: { name, version, options },
      result: total,
      outputs,
      manifestSha256: plan?.manifestSha256 ?? null,
      receipt: { key: receiptKey(this.generation), sha256: sha256Of(receipt) },
    };
    return { result: storable(batchResultSchema, result, `the result of generation ${generation} of batch ${batchId}`), receipt };
  }

  private take({ bytes, outputs, result, status }: FileResult): void {
    this.bytes += bytes;
    if (status !== "processed") return;
    const counts = countOutputs(outputs);
    this.outputs = { files: this.outputs.files + counts.files, bytes: this.outputs.bytes + counts.bytes };
    this.merge.addResult(result);
  }

  private async resultOf(
    file: BatchFile,
    partials: PartialRanges,
  ): Promise<{ readonly result: FileResult; readonly committed: readonly CommittedLine[] }> {
    const { reason, status } = file;
    const { batchId, sources } = this.inputs.batch;
    const filename = filenameIn(sources, file.file);
    const base = { filename, status, ...(reason === undefined ? {} : { reason }) };
    const bytes = file.file.size;
    if (file.parts.length === 0 || (status !== "processed" && status !== "quarantined"))
      return { result: { ...base, bytes, result: null, outputs: [] }, committed: [] };
    const taken = await this.lines.take(file);
    const range = await partials.add(taken.partials);
    if (status === "quarantined") {
      const detail = taken.detail === undefined ? {} : { detail: taken.detail };
      return { result: { ...base, ...detail, bytes, result: null, outputs: [] }, committed: [] };
    }
    const result = await this.joinedResult(file, taken, range);
    const outputs = publishedOutputs(batchId, filename, outputsOf(taken.lines));
    return { result: { ...base, bytes, result, outputs }, committed: taken.lines };
  }

  /** A split file's ranges are chunks of their own, so all their partials belong to it. */
  private async joinedResult({ file }: BatchFile, { lines, partials }: TakenLines, range: number): Promise<unknown> {
    const [first] = lines;
    if (lines.length === 1) return this.bound.checkResult(first?.line.result);
    if (this.joined !== undefined) return this.bound.checkResult(await this.joined.take(range, file.file));
    return joinFile(
      this.inputs,
      this.bound,
      lines.map(({ line }) => line.result),
      partials,
    );
  }
}

const outputsOf = (lines: readonly CommittedLine[]): StagedOutput[] => lines.flatMap(({ line }) => line.outputs ?? []);
