import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import { batchDocument, secondsOf } from "../../core/results/batch-document";
import type { BatchProgress } from "../../core/results/batch-progress";
import { readBatchResult, readFileResults } from "../../core/results/batch-results";
import { watchBatch } from "../../core/results/watch-batch";
import { submitBatch } from "../../core/submission/submit-batch";
import type { BatchSubmission } from "../../core/submission/submission";
import { byteSize, plural } from "../render/numbers";
import type { Reporter } from "../render/reporter";
import type { Services } from "../services";
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
  return batch;
}

/** Waits for a batch's report and reads its result. */
export async function finishBatch(services: Services, batch: BatchRecord, reporter: Reporter, signal: AbortSignal): Promise<FinishedRun> {
  const ref = { batchId: batch.batchId, generation: batch.latestGeneration };
  const generation = await watchBatch(services, ref, { onProgress: tellProgress(reporter), signal });
  reporter.finish();
  return readFinishedBatch(services, batch, generation, signal);
}

/** The result of a generation that was reported. */
export async function readFinishedBatch(
  { objects, outputs }: Services,
  batch: BatchRecord,
  generation: GenerationRecord,
  signal: AbortSignal,
): Promise<FinishedRun> {
  const ref = { batchId: generation.batchId, generation: generation.generation };
  const result = await readBatchResult(objects, outputs.state_bucket, ref);
  return {
    document: batchDocument(result, secondsOf(batch, generation)),
    results: readFileResults(objects, outputs.state_bucket, ref, signal),
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
