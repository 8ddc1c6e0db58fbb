import { type FileResult } from "../../contracts/files";
import { fileWordsOf, isDoubtful, NO_WORDS } from "../../../../workloads/word-count/results";
import { uploadPartialKey } from "../../contracts/state-keys";
import { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readCounts } from "../../../../workloads/word-count/merge";
import type { RunResult } from "./batch-document";
import type { SettledUpload } from "./watch-upload";
import { asyncValues } from "../../../../kit/lib/async-values";

export interface CollectUploadDeps {
  readonly objects: ObjectStore;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory the merge may take before it spills to disk. */
  readonly memoryBytes: number;
}

export interface UploadToCollect {
  readonly runId: string;
  readonly stateBucket: string;
  /** In the order of the results. `filename` is `bucket/key` of the object in the processing bucket. */
  readonly files: readonly { readonly name: string; readonly filename: string }[];
  readonly settled: ReadonlyMap<string, SettledUpload>;
  readonly top: number;
}

export interface CollectedUpload {
  readonly result: RunResult;
  readonly results: AsyncIterable<FileResult>;
}

/**
 * Puts the results of a run of the upload path together as `reduce` does for a batch: exact, from the partial that the worker
 * left for each file, because the table holds the most frequent words only.
 */
export async function collectUpload(deps: CollectUploadDeps, upload: UploadToCollect): Promise<CollectedUpload> {
  const results = upload.files.map(({ name, filename }) => resultOf(name, settledOf(upload, filename)));
  const processed = upload.files.filter(({ filename }) => settledOf(upload, filename).status === "processed");
  const merged = await mergeFiles(
    deps,
    upload,
    processed.map(({ filename }) => filename),
  );
  const having = (status: FileResult["status"]): number => results.filter((result) => result.status === status).length;
  const result: RunResult = {
    batchId: upload.runId,
    generation: 1,
    status: "completed",
    // events of the upload path are the fleet's
    route: "fleet",
    files: {
      total: results.length,
      processed: having("processed"),
      skipped: having("skipped"),
      quarantined: having("quarantined"),
      unfinished: having("unfinished"),
    },
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    invalidBytes: results.reduce((sum, { invalidBytes }) => sum + invalidBytes, 0),
    doubtfulFiles: results.filter(isDoubtful).length,
    totalWords: merged.totalWords,
    distinctWords: merged.distinctWords,
    overlongWords: results.reduce((sum, { overlongWords }) => sum + overlongWords, 0),
    words: merged.words,
    manifestSha256: null,
    receipt: null,
  };
  return { result, results: asyncValues(results) };
}

function settledOf({ settled, runId }: UploadToCollect, filename: string): SettledUpload {
  const found = settled.get(filename);
  if (found === undefined) throw new Error(`'${filename}' of run ${runId} is not settled; wait for it before its results are collected`);
  return found;
}

function resultOf(name: string, settled: SettledUpload): FileResult {
  if (settled.status === "processed") {
    return { filename: name, status: "processed", bytes: settled.item.size, ...fileWordsOf(settled.item) };
  }
  return { filename: name, status: settled.status, reason: settled.exception.reason, bytes: settled.exception.size, ...NO_WORDS };
}

async function mergeFiles(
  { objects, directory, memoryBytes }: CollectUploadDeps,
  { runId, stateBucket, top }: UploadToCollect,
  filenames: readonly string[],
): Promise<Pick<RunResult, "totalWords" | "distinctWords" | "words">> {
  const counter = new SpillingCounter({ memoryBytes, directory });
  try {
    for (const filename of filenames) {
      const { body } = await objects.get(stateBucket, uploadPartialKey(runId, filename));
      for await (const { word, count } of readCounts(afterFirstLine(body as AsyncIterable<Uint8Array>))) await counter.add(word, count);
    }
    return await counter.summarise(top);
  } finally {
    await counter.dispose();
  }
}

const LINE_FEED = 0x0a;

/** A partial begins with the result line of its file; the counts come after it. */
async function* afterFirstLine(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let inCounts = false;
  for await (const chunk of source) {
    if (inCounts) yield chunk;
    else {
      const end = chunk.indexOf(LINE_FEED);
      if (end < 0) continue;
      inCounts = true;
      if (end + 1 < chunk.length) yield chunk.subarray(end + 1);
    }
  }
}
