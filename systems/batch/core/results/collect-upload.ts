import type { Route } from "../../contracts/batch";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { itemResult } from "./checked-results";
import { withSessions } from "../workloads/with-sessions";
import { type FileResult } from "../../contracts/files";
import { uploadPartialKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
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
  /** By whom uploads are worked on. */
  readonly route: Route;
  /** What was done with the files. */
  readonly workload: BoundWorkload;
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
  const total = await totalOf(
    deps,
    upload,
    processed.map(({ filename }) => filename),
    results,
  );
  const having = (status: FileResult["status"]): number => results.filter((result) => result.status === status).length;
  const { record } = upload.workload;
  const result: RunResult = {
    batchId: upload.runId,
    generation: 1,
    status: "completed",
    route: upload.route,
    files: {
      total: results.length,
      processed: having("processed"),
      skipped: having("skipped"),
      quarantined: having("quarantined"),
      unfinished: having("unfinished"),
    },
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    workload: { name: record.name, version: record.version, options: record.options },
    result: total,
    outputs: { files: 0, bytes: 0 },
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
    const { item } = settled;
    return { filename: name, status: "processed", bytes: item.size, result: itemResult(item), outputs: [] };
  }
  const { reason, size } = settled.exception;
  return { filename: name, status: settled.status, reason, bytes: size, result: null, outputs: [] };
}

async function totalOf(
  { objects, directory, memoryBytes }: CollectUploadDeps,
  { runId, stateBucket, workload }: UploadToCollect,
  filenames: readonly string[],
  results: readonly FileResult[],
): Promise<unknown> {
  return withSessions({ store: objects, stateBucket, directory }, async (sessions) => {
    const merge = sessions.merge(workload, { memoryBytes, directory });
    try {
      for (const { result, status } of results) if (status === "processed") merge.addResult(result);
      for (const filename of filenames) {
        const { body } = await objects.get(stateBucket, uploadPartialKey(runId, filename));
        await merge.addSection(afterFirstLine(body as AsyncIterable<Uint8Array>));
      }
      return await merge.total();
    } finally {
      await merge.dispose();
    }
  });
}

const LINE_FEED = 0x0a;

/** A partial begins with the result line of its file; what it adds to the whole comes after it. */
async function* afterFirstLine(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let inSection = false;
  for await (const chunk of source) {
    if (inSection) yield chunk;
    else {
      const end = chunk.indexOf(LINE_FEED);
      if (end < 0) continue;
      inSection = true;
      if (end + 1 < chunk.length) yield chunk.subarray(end + 1);
    }
  }
}
