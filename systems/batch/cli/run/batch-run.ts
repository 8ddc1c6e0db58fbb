import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { batchDocument, secondsOf } from "../../core/results/batch-document";
import { readBatchResult, readFileResults, readReceipt } from "../../core/results/batch-results";
import { receiptOf } from "../../core/results/completion";
import type { BatchProgress } from "../../core/results/batch-progress";
import { watchBatch } from "../../core/results/watch-batch";
import { submitBatch } from "../../core/submission/submit-batch";
import { hashFiles } from "../../core/submission/hash-files";
import type { BatchSubmission, HashedFile, SourceFile } from "../../core/submission/submission";
import { placesNamed } from "../../core/sources/batch-sources";
import type { CommandContext } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { InputOptions } from "../inputs/input-options";
import { refuseProblems } from "../inputs/local-files";
import { skip } from "../inputs/look-at-paths";
import { problemOf } from "../inputs/problems";
import { byteSize, plural } from "../../../../kit/cli/render/numbers";
import type { Reporter } from "../../../../kit/cli/render/reporter";
import type { Services } from "../services";
import { readStart } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";
import { tellProgress } from "./tell-progress";

/**
 * Reads the files that are to be submitted.
 *
 * @throws UsageError naming all that can't be read, unless they are to be skipped; when none is left
 */
export async function readFiles(
  context: CommandContext,
  files: readonly SourceFile[],
  { skipUnreadable }: Pick<InputOptions, "skipUnreadable">,
): Promise<readonly HashedFile[]> {
  const { reporter, signal } = context;
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  reporter.step(`submitting ${plural(files.length, "file")}, ${byteSize(bytes)}`);
  const { hashed, unreadable } = await hashFiles(files, { signal });
  const problems = unreadable.map(({ error, file }) => problemOf(file.name, file.path, error));
  if (skipUnreadable === true) skip(context, problems);
  else refuseProblems(problems);
  if (hashed.length === 0) throw new UsageError("no file is left: none can be read", "see what is wrong with each");
  return hashed;
}

/** Submits a batch and tells about it. @throws SubmissionConflictError, the signal's reason */
export async function startBatch(
  services: Services,
  submission: BatchSubmission,
  reporter: Reporter,
  signal: AbortSignal,
  onKnown: (batch: BatchRecord) => void = () => undefined,
): Promise<BatchRecord> {
  const total = submission.source.kind === "files" ? submission.source.files.length : 0;
  reporter.wait("submitting");
  const { batch, started } = await submitBatch(services, submission, {
    onKnown,
    onUploaded: (files) => {
      reporter.advance("uploaded", files, total, "files");
      // what is left is to compare and to start
      if (files === total) reporter.wait("starting the batch");
    },
    signal,
  });
  reporter.say(started ? `batch ${batch.batchId} started` : `batch ${batch.batchId} was started before: nothing was submitted again`);
  if (submission.deadline !== undefined && batch.deadline !== submission.deadline) {
    reporter.say(`it keeps the deadline it was first submitted with: ${batch.deadline ?? "none"}`);
  }
  return batch;
}

/** Waits for the report of a batch's generation and reads its result. @param onProgress called with each look, beside being told */
export async function finishBatch(
  services: Services,
  batch: BatchRecord,
  generation: number,
  { reporter, signal }: { readonly reporter: Reporter; readonly signal: AbortSignal },
  onProgress: (progress: BatchProgress, generation: GenerationRecord) => void = () => undefined,
): Promise<FinishedRun> {
  const ref = { batchId: batch.batchId, generation };
  const tell = tellProgress(reporter);
  const reported = await watchBatch({ ...services, stateBucket: services.outputs.state_bucket }, ref, {
    onProgress: (progress, row) => {
      onProgress(progress, row);
      tell(progress, row);
    },
    signal,
  });
  reporter.wait("reading the result");
  return readFinishedBatch(services, batch, reported, signal);
}

/** The result of a generation that was reported. @throws ReceiptMismatchError, StoredFormatError, ObjectMissingError */
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
    readStart: (filename) => readStart(objects, decompressor, placesNamed(batch.sources, filename)),
    detail: generation.closeDetail,
  };
}
