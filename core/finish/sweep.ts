import type { GenerationRef } from "../contracts/batch";
import { executionName } from "../contracts/state-keys";
import { forEachConcurrently } from "../for-each-concurrently";
import { finishGeneration, type FinishDeps } from "./finish-generation";

/** Batches looked at, newest first: more than are open at a time. */
const RECENT_BATCHES = 100;
/** DescribeExecution refills 10 to 15 calls a second. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const CONCURRENCY = 4;
/** An execution younger than this is left to the rule on status changes. */
const SETTLING_MILLISECONDS = 120_000;
/**
 * A batch is stored before its files are uploaded and its execution starts after, so one without an execution may be just uploading,
 * unless it was cancelled meanwhile. After a day nobody is.
 */
const ABANDONED_MILLISECONDS = 86_400_000;

/**
 * Looks for generations that nobody reports: their execution is over (or never was), yet their completion was not sent. Status events
 * are best effort, so this is what makes "every batch ends with a message" hold. Places that reported generations still have are freed.
 *
 * @throws AggregateError of those that could not be finished, after all were tried
 */
export async function sweep(deps: FinishDeps): Promise<{ readonly looked: number; readonly finished: number }> {
  const places = await deps.ledger.takenPlaces();
  const refs = await openOrRecent(deps, places);
  const placed = new Set(places.map(executionName));
  const failures: unknown[] = [];
  let finished = 0;
  await forEachConcurrently(refs, CONCURRENCY, async (ref) => {
    try {
      if (await finishIfStranded(deps, ref, placed.has(executionName(ref)))) finished += 1;
    } catch (error) {
      deps.log("error", "sweep_failed", { ...ref, error });
      failures.push(error);
    }
  });
  deps.log("info", "swept", { looked: refs.length, finished, failed: failures.length });
  if (failures.length > 0)
    throw new AggregateError(failures, `${failures.length} of ${refs.length} generations could not be finished; see sweep_failed`);
  return { looked: refs.length, finished };
}

/** The latest generations of the newest batches, and whoever has a place, however old. */
async function openOrRecent({ ledger }: FinishDeps, places: readonly GenerationRef[]): Promise<GenerationRef[]> {
  const recent = (await ledger.listBatches(RECENT_BATCHES)).map(({ batchId, latestGeneration }) => ({
    batchId,
    generation: latestGeneration,
  }));
  const refs = new Map([...recent, ...places].map((ref) => [executionName(ref), ref]));
  return [...refs.values()];
}

async function finishIfStranded(deps: FinishDeps, ref: GenerationRef, hasPlace: boolean): Promise<boolean> {
  const generation = await deps.ledger.getGeneration(ref);
  if (generation === undefined) return false;
  if (generation.completionSentAt !== undefined) {
    // report gave no place back: it ended between marking the message sent and that
    if (hasPlace) await deps.ledger.leavePlace(ref);
    return false;
  }
  const execution = await deps.workflow.status(ref);
  if (execution?.status === "running") return false;
  const age = deps.clock.now() - (execution?.startedAt ?? Date.parse(generation.openedAt));
  if (execution === undefined && ref.generation > 1) return startIfForgotten(deps, ref, age);
  const mayBeUploading = execution === undefined && generation.status === "open";
  if (age < (mayBeUploading ? ABANDONED_MILLISECONDS : SETTLING_MILLISECONDS)) return false;
  const detail =
    execution === undefined
      ? `the batch was submitted at ${generation.openedAt} and its workflow never started; submit it again`
      : `the execution ${executionName(ref)} ended (${[execution.status, execution.error, execution.cause].filter((part) => part !== undefined).join(": ")}) without a report`;
  return (await finishGeneration(deps, ref, { cause: "failed", detail })) === "finishing";
}

/** A later generation waits for no upload: whoever opened it ended before it could start the execution, so that is made good. */
async function startIfForgotten({ log, workflow }: FinishDeps, ref: GenerationRef, ageMilliseconds: number): Promise<boolean> {
  if (ageMilliseconds < SETTLING_MILLISECONDS) return false;
  const started = await workflow.start(ref);
  if (started) log("warn", "generation_started", { ...ref });
  return started;
}
