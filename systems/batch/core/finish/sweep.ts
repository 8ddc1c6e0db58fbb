import type { GenerationRef } from "../../contracts/batch";
import { executionName } from "../../contracts/state-keys";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { isArriving } from "../stored-batch/arrivals";
import { finishGeneration, type FinishDeps } from "./finish-generation";

/** Batches looked at, newest first: more than are open at a time. */
const RECENT_BATCHES = 100;
/** DescribeExecution refills 10 to 15 calls a second. https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html */
const CONCURRENCY = 4;
/** An execution younger than this is left to the rule on status changes. */
const SETTLING_MILLISECONDS = 120_000;
/** A batch is stored before its files are, and its execution starts after. One whose files are not all there after a day is given up. */
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
  if (execution === undefined) return endOrStart(deps, generation);
  if (execution.status === "running" || deps.clock.now() - execution.startedAt < SETTLING_MILLISECONDS) return false;
  const said = [execution.status, execution.error, execution.cause].filter((part) => part !== undefined).join(": ");
  return finish(deps, ref, `the execution ${executionName(ref)} ended (${said}) without a report`);
}

/**
 * Nobody started the generation's execution, or it was so long ago that Step Functions has forgotten it. Whoever submitted or resumed may
 * be about to; else they ended before they could, and it is made good. One whose files are not there has nothing to be started with.
 */
async function endOrStart(deps: FinishDeps, generation: GenerationRecord): Promise<boolean> {
  const age = deps.clock.now() - Date.parse(generation.openedAt);
  if (age < SETTLING_MILLISECONDS) return false;
  if (generation.status !== "open") return finish(deps, generation, "the batch was closed before its workflow started");
  const batch = await deps.ledger.getBatch(generation.batchId);
  if (batch === undefined || !isArriving(batch)) return start(deps, generation);
  if (age < ABANDONED_MILLISECONDS) return false;
  const detail =
    `the batch was submitted at ${generation.openedAt} and its files never were all there; ` +
    `submit them again with the request id '${batch.requestId}': what is there stays`;
  return finish(deps, generation, detail);
}

const finish = async (deps: FinishDeps, ref: GenerationRef, detail: string): Promise<boolean> =>
  (await finishGeneration(deps, ref, { cause: "failed", detail })) === "finishing";

async function start({ log, workflow }: FinishDeps, { batchId, generation }: GenerationRef): Promise<boolean> {
  const ref = { batchId, generation };
  const started = await workflow.start(ref);
  if (started) log("warn", "generation_started", ref);
  return started;
}
