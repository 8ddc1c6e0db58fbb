import { completionMessageId } from "../../contracts/acknowledgement";
import type { GenerationRef } from "../../contracts/batch";
import { batchResultSchema, type BatchResult } from "../../contracts/files";
import type { BatchMetricFields } from "../../contracts/metrics";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { batchCompletionSchema, RESULTS_SCHEMA_VERSION, type BatchCompletion } from "../../contracts/messages";
import { executionName, resultKey, resultsKey } from "../../contracts/state-keys";
import { storable } from "../../../../kit/lib/storable";
import type { LogEvent } from "../../../../kit/lib/log";
import type { Clock } from "../../../../kit/ports/clock";
import type { MessageSink } from "../../../../kit/ports/job-queue";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readObject } from "../../../../kit/lib/read-object";
import { parseStored } from "../../../../kit/lib/stored-json";

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
 * sends the stored bytes; once marked, nothing is sent again (invariant 2). Last its demand for capacity is withdrawn, for a batch that
 * was cancelled would keep an idle fleet for as long as its work was estimated to take, and its place goes to the next batch: also when a
 * retry finds the message marked, for the run that marked it may have ended before.
 */
export async function report(deps: ReportDeps, ref: GenerationRef): Promise<BatchCompletion> {
  const generation = await deps.ledger.getGeneration(ref);
  if (generation?.status !== "sealed") {
    throw new Error(
      `generation ${ref.generation} of batch ${ref.batchId} is ${generation?.status ?? "unknown"}; only a sealed one can be reported`,
    );
  }
  const completion =
    generation.completion === undefined || generation.completionSentAt === undefined
      ? await send(deps, ref, generation)
      : generation.completion;
  await deps.ledger.withdrawDemand(executionName(ref));
  await deps.ledger.leavePlace(ref);
  return parseStored(batchCompletionSchema, completion, `the completion of ${executionName(ref)} in the ledger`, "a completion message");
}

async function send(deps: ReportDeps, ref: GenerationRef, generation: GenerationRecord): Promise<string> {
  const key = resultKey(ref);
  const { bytes } = await readObject(deps.store, deps.stateBucket, key);
  const result = parseStored(batchResultSchema, bytes.toString("utf8"), `s3://${deps.stateBucket}/${key}`, "a batch's result");
  const stored = await deps.ledger.putCompletion(ref, completionText(generation, result, deps.stateBucket));
  await deps.resultsQueue.send([stored]);
  await deps.ledger.markCompletionSent(ref, new Date(deps.clock.now()).toISOString());
  deps.log("info", "batch_reported", {
    ...ref,
    status: result.status,
    ...result.files,
  } satisfies BatchMetricFields<"batch_reported">);
  return stored;
}

/** The completion message of a sealed generation; from the same result it has the same bytes. */
export function completionText(generation: GenerationRecord, result: BatchResult, stateBucket: string): string {
  const ref = { batchId: generation.batchId, generation: generation.generation };
  const { bytes, files, manifestSha256, outputs, route, workload } = result;
  const message: BatchCompletion = {
    schemaVersion: RESULTS_SCHEMA_VERSION,
    type: `batch-${result.status}`,
    messageId: completionMessageId(ref),
    ...ref,
    files,
    ...detailOf(generation, result),
    result: { route, bytes, workload, result: result.result, outputs, manifestSha256 },
    location: { bucket: stateBucket, resultKey: resultKey(ref), resultsKey: resultsKey(ref) },
    receipt: result.receipt,
  };
  return JSON.stringify(storable(batchCompletionSchema, message, `the completion message ${message.messageId}`));
}

function detailOf(generation: GenerationRecord, result: BatchResult): { detail?: string } {
  if (generation.closeDetail !== undefined) return { detail: generation.closeDetail };
  if (result.status !== "failed") return {};
  const { total, unfinished } = result.files;
  return { detail: `${unfinished} of ${total} files were not finished when the map ended; see the worker's and the functions' logs` };
}
