import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import { batchDocument, secondsOf } from "../../core/results/batch-document";
import type { BatchProgress } from "../../core/results/batch-progress";
import { readBatchResult, readFileResults, readReceipt } from "../../core/results/batch-results";
import { receiptOf } from "../../core/results/completion";
import { watchBatch } from "../../core/results/watch-batch";
import { submitBatch } from "../../core/submission/submit-batch";
import type { BatchSubmission } from "../../core/submission/submission";
import { byteSize, plural } from "../render/numbers";
import type { Reporter } from "../render/reporter";
import type { Services } from "../services";
import { readStart } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

/** Submits a batch and tells about it. @throws SubmissionConflictError, the signal's reason */
export async function startBatch(
  services: Services,
  submission: BatchSubmission,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<BatchRecord> {
  const total = submission.source.kind === "files" ? submission.source.files.length : 0;
  if (submission.source.kind === "files") {
    const bytes = submission.source.files.reduce((sum, file) => sum + file.size, 0);
    reporter.say(`submitting ${plural(total, "file")}, ${byteSize(bytes)}`);
  }
  const { batch, started } = await submitBatch(services, submission, {
    onUploaded: (files) => {
      reporter.advance("uploaded", files, total);
    },
    signal,
  });
  reporter.finish();
  reporter.say(started ? `batch ${batch.batchId} started` : `batch ${batch.batchId} was started before: nothing was submitted again`);
  if (submission.deadline !== undefined && batch.deadline !== submission.deadline) {
    reporter.say(`it keeps the deadline it was first submitted with: ${batch.deadline ?? "none"}`);
  }
  return batch;
}

/** Waits for the report of a batch's generation and reads its result. */
export async function finishBatch(
  services: Services,
  batch: BatchRecord,
  generation: number,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
): Promise<FinishedRun> {
  const ref = { batchId: batch.batchId, generation };
  const reported = await watchBatch(services, ref, { onProgress: tellProgress(reporter), signal });
  reporter.finish();
  return readFinishedBatch(services, batch, reported, signal);
}

/** The result of a generation that was reported. @throws ReceiptMismatchError, ResultFormatError, ObjectMissingError */
export async function readFinishedBatch(
  { decompressor, objects, outputs }: Services,
  batch: BatchRecord,
  generation: GenerationRecord,
  signal: AbortSignal,
): Promise<FinishedRun> {
  const ref = { batchId: generation.batchId, generation: generation.generation };
  const result = await readBatchResult(objects, outputs.state_bucket, ref);
  const receipt = await readReceipt(objects, outputs.state_bucket, receiptOf(generation, result));
  return {
    document: batchDocument(result, secondsOf(batch, generation)),
    results: readFileResults(objects, outputs.state_bucket, ref, signal),
    receipt,
    readStart: (filename) => readStart(objects, decompressor, batch.source.bucket, batch.source.prefix + filename),
    detail: generation.closeDetail,
  };
}

const PHASES: Readonly<Record<Exclude<BatchProgress["phase"], "counting">, string | undefined>> = {
  planning: "planning",
  closing: "sealing",
  reducing: "reducing",
  reported: undefined,
};

function tellProgress(reporter: Reporter): (progress: BatchProgress) => void {
  let last: string | undefined;
  return (progress) => {
    if (progress.phase === "counting") {
      reporter.advance("counted", progress.settled, progress.total);
      return;
    }
    const text = PHASES[progress.phase];
    if (text !== undefined && text !== last) reporter.say(text);
    last = text;
  };
}
