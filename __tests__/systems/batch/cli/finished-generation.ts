import { createHash } from "node:crypto";
import type { GenerationRef } from "../../../../systems/batch/contracts/batch";
import { type BatchResult, type FileResult, type ManifestLine } from "../../../../systems/batch/contracts/files";
import { isDoubtful } from "../../../../workloads/word-count/results";
import type { WordTotal } from "../../../../workloads/word-count/workload";
import type { BatchRecord, CloseCause } from "../../../../systems/batch/contracts/ledger-rows";
import { RESULTS_SCHEMA_VERSION, type BatchCompletion } from "../../../../systems/batch/contracts/messages";
import { RECEIPT_VERSION, type Receipt } from "../../../../systems/batch/contracts/receipt";
import { manifestKey, receiptKey, resultKey, resultsKey } from "../../../../systems/batch/contracts/state-keys";
import { listedSources } from "../../../../systems/batch/core/sources/listed-sources";
import { VERSIONS } from "../../../../systems/batch/contracts/versions";
import type { Ledger } from "../../../../systems/batch/ports/ledger";
import type { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import { resultWords } from "../../../support/word-count";

interface World {
  readonly ledger: Ledger;
  readonly objects: MemoryObjectStore;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
type Outcome = Omit<FileResult, "filename" | "bytes">;

const STATUS = { complete: "completed", refused: "refused", cancelled: "cancelled", failed: "failed" } as const;
/** Two hours of slots, and seven calls for each of two files. */
const WORK = { chunksClaimed: 1, claims: 1, commits: 1, partials: 1, slotSeconds: 7_200, calls: 14, spotLosses: 0, deaths: 0, workers: 1 };
const HASH = "0".repeat(64);

/** Leaves what a generation leaves that is over: manifest, results, receipt, result, completion message, and its rows in the ledger. */
export async function storeFinishedGeneration(
  { ledger, objects, now }: World,
  ref: GenerationRef,
  cause: CloseCause,
  outcomeOf: (name: string) => Outcome,
): Promise<void> {
  const batch = await ledger.getBatch(ref.batchId);
  if (batch === undefined) throw new Error(`no batch ${ref.batchId}`);
  const manifest: ManifestLine[] = [];
  const results: FileResult[] = [];
  for await (const { name: filename, object } of listedSources(objects, batch.sources, batch.filter)) {
    const { bucket, key, etag, size, lastModified } = object;
    manifest.push({ file: manifest.length, bucket, key, etag, size, lastModified });
    results.push({ filename, bytes: size, ...outcomeOf(filename) });
  }
  const put = (key: string, values: readonly object[]): void => {
    objects.set("state", key, values.map((value) => `${JSON.stringify(value)}\n`).join(""));
  };
  const files = countsOf(results);
  const route = batch.requestedRoute === "lambda" ? "lambda" : "fleet";
  const total: WordTotal = {
    ...doubts(results),
    totalWords: 3 * files.processed,
    distinctWords: 2,
    overlongWords: 0,
    words: files.processed === 0 ? [] : [{ word: "people", count: 2 * files.processed }],
  };
  put(manifestKey(ref, { planSha256: HASH }), manifest);
  put(resultsKey(ref), results);
  const receiptText = `${JSON.stringify(receiptOf(batch, ref, cause, results, files, total))}\n`;
  objects.set("state", receiptKey(ref), receiptText);
  const result: BatchResult = {
    ...ref,
    status: STATUS[cause],
    route,
    files,
    bytes: results.reduce((sum, { bytes }) => sum + bytes, 0),
    workload: batch.workload,
    result: total,
    outputs: { files: 0, bytes: 0 },
    manifestSha256: HASH,
    receipt: { key: receiptKey(ref), sha256: createHash("sha256").update(receiptText).digest("hex") },
  };
  objects.set("state", resultKey(ref), JSON.stringify(result));
  await ledger.recordPlan(ref, {
    route,
    fileCount: files.total,
    bytes: result.bytes,
    splitCount: files.total,
    chunkCount: 1,
    manifestSha256: HASH,
    planSha256: HASH,
    estimatedSeconds: 1,
    estimatedCostUsd: 0.01,
    acknowledgePer: "file",
    carriedFileCount: 0,
    versions: VERSIONS,
    startedAt: new Date(now).toISOString(),
  });
  await ledger.closeGeneration(ref, cause);
  await ledger.sealGeneration(ref, { files, sealedSha256: HASH, work: WORK });
  const completion: BatchCompletion = {
    ...ref,
    schemaVersion: RESULTS_SCHEMA_VERSION,
    type: `batch-${STATUS[cause]}`,
    messageId: `${ref.batchId}-g${ref.generation}`,
    files,
    result,
    location: { bucket: "state", resultKey: resultKey(ref), resultsKey: resultsKey(ref) },
    receipt: result.receipt,
  };
  await ledger.putCompletion(ref, JSON.stringify(completion));
  await ledger.markCompletionSent(ref, new Date(now + 1_500).toISOString());
}

function receiptOf(
  batch: BatchRecord,
  ref: GenerationRef,
  cause: CloseCause,
  results: readonly FileResult[],
  files: Receipt["files"],
  total: WordTotal,
): Receipt {
  const reasons: Record<string, number> = {};
  for (const { status, reason } of results) {
    if (reason !== undefined) reasons[`${status}:${reason}`] = (reasons[`${status}:${reason}`] ?? 0) + 1;
  }
  return {
    receiptVersion: RECEIPT_VERSION,
    ...ref,
    supersedes: ref.generation === 1 ? null : ref.generation - 1,
    status: STATUS[cause],
    closeCause: cause,
    sources: batch.sources,
    filter: null,
    submission: batch.submission ?? null,
    workload: batch.workload,
    manifestSha256: HASH,
    sealedSha256: HASH,
    files,
    reasons,
    work: { chunks: 1, attempts: 3, spotLosses: 1, unexplainedDeaths: 1 },
    versions: VERSIONS,
    filesSha256: HASH,
    result: total,
    outputs: { files: 0, bytes: 0, sha256: HASH },
  };
}

function doubts(results: readonly FileResult[]): Pick<WordTotal, "invalidBytes" | "doubtfulFiles"> {
  const processed = results.flatMap(({ result, status }) => (status === "processed" ? [resultWords(result)] : []));
  return {
    invalidBytes: processed.reduce((sum, { invalidBytes }) => sum + invalidBytes, 0),
    doubtfulFiles: processed.filter(isDoubtful).length,
  };
}

function countsOf(results: readonly FileResult[]): Receipt["files"] {
  const counts = { total: results.length, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
