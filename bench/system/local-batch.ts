import { BoundWorkload } from "../../workloads/bound-workload";
import { wordTotalOf } from "../../workloads/word-count/view";
import { wordCount } from "../../workloads/word-count/workload";
import { connect } from "../../systems/batch/cli/connect";
import { batchOutputs } from "../../systems/batch/contracts/stack-outputs";
import { secondsOf } from "../../systems/batch/core/results/batch-document";
import { readBatchResult } from "../../systems/batch/core/results/batch-results";
import { watchBatch } from "../../systems/batch/core/results/watch-batch";
import { hashFiles } from "../../systems/batch/core/submission/hash-files";
import { submitBatch } from "../../systems/batch/core/submission/submit-batch";
import type { LocalStack } from "../../kit/local";

/** As the product has them by default. */
export const WORD_COUNT_OPTIONS = { minimumWordLength: 5, top: 10, encoding: "auto" } as const;

export interface FileToCount {
  readonly name: string;
  readonly path: string;
  readonly size: number;
}

export interface CountedBatch {
  /** From the first upload to the last acknowledgement (S1.90). */
  readonly seconds: number | null;
  readonly processed: number;
  readonly totalWords: number;
}

export const servicesOf = (stack: LocalStack): ReturnType<typeof connect> =>
  connect({ description: "the benchmark's stack", outputs: batchOutputs(stack.outputs), environment: stack.environment });

/** Sends files through a started stack as one batch, and waits for its result. */
export async function countBatch(stack: LocalStack, files: readonly FileToCount[], route: "fleet" | "lambda"): Promise<CountedBatch> {
  const services = servicesOf(stack);
  const { state_bucket: stateBucket, uploading_bucket: uploadingBucket } = services.outputs;
  const { hashed } = await hashFiles(files);
  const { batch } = await submitBatch(services, {
    source: { kind: "files", files: hashed, uploadingBucket, stateBucket },
    workload: BoundWorkload.of(wordCount.name, WORD_COUNT_OPTIONS).record,
    requestedRoute: route,
  });
  const ref = { batchId: batch.batchId, generation: 1 };
  const generation = await watchBatch({ ...services, stateBucket }, ref);
  const { result, workload } = await readBatchResult(services.objects, stateBucket, ref);
  return {
    seconds: secondsOf(batch, generation),
    processed: generation.files?.processed ?? 0,
    totalWords: wordTotalOf(workload, result)?.totalWords ?? 0,
  };
}
