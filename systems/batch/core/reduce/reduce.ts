import { BoundWorkload } from "../../../../workloads/bound-workload";
import { OutputPublisher } from "../workloads/publish-outputs";
import { withSessions } from "../workloads/with-sessions";
import type { CommittedLine } from "./result-lines";
import path from "node:path";
import { acknowledgementOf, batchFileMessageId } from "../../contracts/acknowledgement";
import type { GenerationRef } from "../../contracts/batch";
import { type BatchResult, type FileResult } from "../../contracts/files";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import type { ResultMessage } from "../../contracts/messages";
import { receiptKey, resultKey, resultsKey, workKey } from "../../contracts/state-keys";
import type { LogEvent } from "../../../../kit/lib/log";
import type { BatchFile } from "../stored-batch/batch-files";
import { callsOf } from "../ledger/work-done";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import { LineFile } from "../../../../kit/lib/line-file";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ResultStore } from "../../ports/result-store";
import { acknowledgeFinished } from "./acknowledge-finished";
import { acknowledgedOutcome } from "./acknowledged-outcome";
import { rebuild } from "./rebuild";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";

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

/** A line of `results.jsonl`. */
export const resultLine = (result: FileResult): string => `${JSON.stringify(result)}\n`;

/**
 * Makes a sealed generation's result from what is sealed, its own and that of the generations before it: a line per file, the merged
 * counts, the receipt, and the acknowledgements that no chunk sent (split files, files the plan left out, files of chunks that were
 * closed before their end, finished chunks whose last attempt died before it could). Made again it is the same.
 */
export async function reduce(deps: ReduceDeps, ref: GenerationRef): Promise<BatchResult> {
  const batch = await deps.ledger.getBatch(ref.batchId);
  const generation = await deps.ledger.getGeneration(ref);
  if (batch === undefined || generation?.status !== "sealed") {
    throw new Error(`generation ${ref.generation} of batch ${ref.batchId} is ${generation?.status ?? "unknown"}; reduce needs it sealed`);
  }
  const generations = [...(await generationsUpTo(deps.ledger, { ...ref, generation: ref.generation - 1 })), generation];
  return withScratchFolder(deps.directory, async (directory) => {
    const file = path.join(directory, "results.jsonl");
    const lines = await LineFile.create(file);
    const settled = new SettledFiles(deps, ref, batch);
    const { receipt, result } = await finishing(lines, () =>
      withSessions({ ...deps, directory }, (sessions) =>
        rebuild({ ...deps, sessions, ranges: "stored", directory, batch, generations }, async (batchFile, fileResult, committed) => {
          await lines.append(resultLine(fileResult));
          await settled.add(batchFile, fileResult, committed);
        }),
      ),
    );
    await settled.finish();
    await acknowledgeFinished(deps, batch, generation);
    await deps.store.putFile(deps.stateBucket, resultsKey(ref), file);
    await deps.store.put(deps.stateBucket, receiptKey(ref), receipt);
    await putWork(deps, generation);
    // last: whoever finds it finds the others
    await deps.store.put(deps.stateBucket, resultKey(ref), JSON.stringify(result));
    return result;
  });
}

/** Beside the receipt, which is the same for the same files, however they were worked on. */
async function putWork({ stateBucket, store }: ReduceDeps, generation: GenerationRecord): Promise<void> {
  const { batchId, generation: number, work } = generation;
  if (work === undefined) return;
  const document = { batchId, generation: number, ...work, callsPerFile: callsOf(generation)?.perFile ?? null };
  await store.put(stateBucket, workKey({ batchId, generation: number }), `${JSON.stringify(document)}\n`);
}

async function finishing<T>(lines: LineFile, work: () => Promise<T>): Promise<T> {
  let done: T;
  try {
    done = await work();
  } catch (error) {
    await lines.abandon();
    throw error;
  }
  await lines.finish();
  return done;
}

/** Outputs of the files that this generation settled; items and acknowledgements of those among them that no chunk told of. */
class SettledFiles {
  private readonly pending: ResultMessage[] = [];
  private readonly bound: BoundWorkload;
  private readonly outputs: OutputPublisher;

  public constructor(
    private readonly deps: ReduceDeps,
    private readonly ref: GenerationRef,
    batch: BatchRecord,
  ) {
    this.bound = BoundWorkload.ofRecord(batch.workload);
    this.outputs = new OutputPublisher(deps, ref);
  }

  public async add(settled: BatchFile, result: FileResult, committed: readonly CommittedLine[]): Promise<void> {
    if (settled.generation !== this.ref.generation || result.status === "unfinished") return;
    for (const { chunkIndex, claim, line } of committed) {
      const place = { filename: result.filename, file: settled.file.file, chunkIndex, claim };
      await this.outputs.add({ ...place, outputs: line.outputs ?? [] });
    }
    if (isAcknowledgedByChunk(settled)) return;
    const { file, parts } = settled;
    if (parts.length > 1 && result.status === "processed") await this.putItem(settled, result);
    const sender = { messageId: batchFileMessageId(this.ref, file.file), filename: result.filename, ref: this.ref };
    this.pending.push(acknowledgementOf(file, sender, acknowledgedOutcome(result)));
    if (this.pending.length >= ACKNOWLEDGEMENTS_AT_ONCE) await this.flush();
  }

  public async finish(): Promise<void> {
    await this.outputs.finish();
    await this.flush();
  }

  private async flush(): Promise<void> {
    await this.deps.acknowledge(this.pending.splice(0));
  }

  private async putItem({ file }: BatchFile, result: FileResult): Promise<void> {
    const { bucket, etag, key, lastModified, size, versionId } = file;
    const identity = { bucket, key, etag, size, lastModified, ...(versionId === undefined ? {} : { versionId }) };
    const attributes = this.bound.toAttributes(result.result);
    await this.deps.results.put([
      { ...identity, workload: this.bound.name, attributes, optionsHash: this.bound.hash, batchId: this.ref.batchId },
    ]);
  }
}

/**
 * Split files and files that the plan left out are in no chunk's acknowledgements. Nor are, for sure, those of a chunk that was closed
 * before its end: its slot may have died between commit and acknowledgement, and a chunk is acknowledged as a whole at its end only.
 */
const isAcknowledgedByChunk = ({ parts }: BatchFile): boolean => parts.length === 1 && parts.every(({ chunk }) => chunk.finished);
