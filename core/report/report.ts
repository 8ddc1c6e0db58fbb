import { json } from "node:stream/consumers";
import { completionMessageId } from "../contracts/acknowledgement";
import type { GenerationRef } from "../contracts/batch";
import { batchResultSchema, type BatchResult } from "../contracts/files";
import type { GenerationRecord } from "../contracts/ledger-rows";
import { batchCompletionSchema, SCHEMA_VERSION, type BatchCompletion } from "../contracts/messages";
import { resultKey, resultsKey } from "../contracts/state-keys";
import type { LogEvent } from "../chunk-work/chunk-deps";
import type { Clock } from "../ports/clock";
import type { MessageSink } from "../ports/job-queue";
import type { Ledger } from "../ports/ledger";
import type { ObjectStore } from "../ports/object-store";

export interface ReportDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly resultsQueue: MessageSink;
  readonly stateBucket: string;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * Reports a sealed generation: the completion message is put into META once, then sent as it is stored, then marked sent. A retry
 * sends the stored bytes; once marked, nothing is sent again (invariant 2).
 */
export async function report(deps: ReportDeps, ref: GenerationRef): Promise<BatchCompletion> {
  const generation = await deps.ledger.getGeneration(ref);
  if (generation?.status !== "sealed") {
    throw new Error(
      `generation ${ref.generation} of batch ${ref.batchId} is ${generation?.status ?? "unknown"}; only a sealed one can be reported`,
    );
  }
  if (generation.completion !== undefined && generation.completionSentAt !== undefined) return parseCompletion(generation.completion);
  const { body } = await deps.store.get(deps.stateBucket, resultKey(ref));
  const result = batchResultSchema.parse(await json(body));
  const stored = await deps.ledger.putCompletion(ref, JSON.stringify(completionOf(ref, generation, result, deps.stateBucket)));
  await deps.resultsQueue.send([stored]);
  await deps.ledger.markCompletionSent(ref, new Date(deps.clock.now()).toISOString());
  deps.log("info", "batch_reported", { ...ref, status: result.status, ...result.files });
  return parseCompletion(stored);
}

const parseCompletion = (text: string): BatchCompletion => batchCompletionSchema.parse(JSON.parse(text));

function completionOf(ref: GenerationRef, generation: GenerationRecord, result: BatchResult, bucket: string): BatchCompletion {
  const { bytes, distinctWords, files, manifestSha256, overlongWords, route, totalWords, words } = result;
  return {
    schemaVersion: SCHEMA_VERSION,
    type: `batch-${result.status}`,
    messageId: completionMessageId(ref),
    ...ref,
    files,
    ...detailOf(generation, result),
    result: { route, bytes, totalWords, distinctWords, overlongWords, words, manifestSha256 },
    location: { bucket, resultKey: resultKey(ref), resultsKey: resultsKey(ref) },
  };
}

function detailOf(generation: GenerationRecord, result: BatchResult): { detail?: string } {
  if (generation.closeDetail !== undefined) return { detail: generation.closeDetail };
  if (result.status !== "failed") return {};
  const { total, unfinished } = result.files;
  return { detail: `${unfinished} of ${total} files were not finished when the map ended; see the worker's and the functions' logs` };
}
