import type { GenerationRef } from "../../core/contracts/batch";
import type { BatchRecord } from "../../core/contracts/ledger-rows";
import { executionName } from "../../core/contracts/state-keys";
import { forEachConcurrently } from "../../core/for-each-concurrently";
import { finishGeneration, type FinishDeps } from "./finish-generation";

/** Batches looked at, newest first: more than are open at a time. */
const RECENT_BATCHES = 100;
/** DescribeExecution refills 10 to 15 calls a second. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const CONCURRENCY = 4;
/** An execution younger than this is left to the rule on status changes. */
const SETTLING_MILLISECONDS = 120_000;
/**
 * A batch is stored before its files are uploaded and its execution starts after, so one without an execution may be just uploading.
 * After a day nobody is.
 */
const ABANDONED_MILLISECONDS = 86_400_000;

/**
 * Looks for generations that nobody reports: their execution is over (or never was), yet their completion was not sent. Status events
 * are best effort, so this is what makes "every batch ends with a message" hold.
 *
 * @throws AggregateError of those that could not be finished, after all were tried
 */
export async function sweep(deps: FinishDeps): Promise<{ readonly looked: number; readonly finished: number }> {
  const batches = await deps.ledger.listBatches(RECENT_BATCHES);
  const failures: unknown[] = [];
  let finished = 0;
  await forEachConcurrently(batches, CONCURRENCY, async (batch) => {
    const ref = { batchId: batch.batchId, generation: batch.latestGeneration };
    try {
      if (await finishIfStranded(deps, ref, batch)) finished += 1;
    } catch (error) {
      deps.log("error", "sweep_failed", { ...ref, error: error instanceof Error ? error.message : String(error) });
      failures.push(error);
    }
  });
  deps.log("info", "swept", { looked: batches.length, finished, failed: failures.length });
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${batches.length} batches could not be finished; see sweep_failed`);
  return { looked: batches.length, finished };
}

async function finishIfStranded(deps: FinishDeps, ref: GenerationRef, batch: BatchRecord): Promise<boolean> {
  const generation = await deps.ledger.getGeneration(ref);
  if (generation === undefined || generation.completionSentAt !== undefined) return false;
  const execution = await deps.workflow.status(ref);
  if (execution?.status === "running") return false;
  const age = deps.clock.now() - (execution?.startedAt ?? Date.parse(batch.submittedAt));
  if (age < (execution === undefined ? ABANDONED_MILLISECONDS : SETTLING_MILLISECONDS)) return false;
  const detail =
    execution === undefined
      ? `the batch was submitted at ${batch.submittedAt} and its workflow never started; submit it again`
      : `the execution ${executionName(ref)} ended (${[execution.status, execution.error, execution.cause].filter((part) => part !== undefined).join(": ")}) without a report`;
  return (await finishGeneration(deps, ref, detail)) === "finishing";
}
