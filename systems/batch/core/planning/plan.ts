import { BoundWorkload } from "../../../../workloads/bound-workload";
import { termsOf } from "../../contracts/batch-terms";
import type { GenerationRef, PlanOutput, Route } from "../../contracts/batch";
import type { BatchRecord, GenerationRecord, PlanSummary } from "../../contracts/ledger-rows";
import { chunksKey, executionName } from "../../contracts/state-keys";
import { VERSIONS } from "../../contracts/versions";
import { chooseRoute, type ChosenRoute } from "./choose-route";
import { PlanRefusedError } from "./errors";
import { proveReduce } from "./prove-plan";
import { proveDeadline, proveTerms } from "./prove-terms";
import { storePlan } from "./store-plan";
import { writePlan, type WrittenPlan } from "./write-plan";
import { BucketMissingError } from "../../../../kit/ports/object-store";
import { withScratchFolder } from "../../../../kit/folders/scratch-folder";
import { addressOf } from "../sources/batch-sources";
import { NameConflictError } from "../sources/listed-sources";
import { filesToPlan } from "./files-to-plan";
import type { PlanDeps } from "./plan-deps";

/** A batch waits a day for a place: longer means that places are stuck or that the environment is too small for what is submitted. */
export const MAXIMUM_WAIT_HOURS = 24;
/**
 * How many times the estimated seconds a demand stands, if the batch's report does not withdraw it before. As long as it does, the fleet
 * has what the plan priced; a batch that takes twice as long was planned wrong, and then its backlog decides.
 */
export const DEMAND_FACTOR = 2;
const HOUR_MILLISECONDS = 3_600_000;

/**
 * Plans a generation: takes a place among the open batches, freezes the files, packs what is to be done, proves the plan, chooses the
 * route and stores it all. Asked again after it succeeded it answers the same and changes nothing.
 *
 * @param startedAt when the generation's execution began (ISO 8601), where that is known
 * @returns `waiting` when all places are taken: ask again later
 * @throws ObjectAccessDeniedError when the role may not list the source or write the plan; Error when the ledger has no such batch
 */
export async function plan(deps: PlanDeps, ref: GenerationRef, startedAt?: string): Promise<PlanOutput> {
  const batch = await deps.ledger.getBatch(ref.batchId);
  const generation = await deps.ledger.getGeneration(ref);
  if (batch === undefined || generation === undefined) {
    throw new Error(
      `the ledger has no generation ${ref.generation} of batch ${ref.batchId}; submit the batch before its workflow is started`,
    );
  }
  if (generation.status !== "open" || generation.plan !== undefined) {
    const output = outputOf(deps, ref, batch, generation);
    // the run that stored the plan may have ended before it woke the fleet
    if (output.route === "fleet" && output.chunkCount > 0) await deps.wakeFleet();
    return output;
  }
  try {
    if ((await admit(deps, batch, generation)) === "waiting") return { ...outputOf(deps, ref, batch, generation), outcome: "waiting" };
    await planOpen(deps, batch, generation, startedAt);
  } catch (error) {
    if (!(error instanceof PlanRefusedError || error instanceof BucketMissingError || error instanceof NameConflictError)) throw error;
    await refuse(deps, ref, error);
  }
  // closed in the meantime (cancelled): then nothing may be started any more
  return outputOf(deps, ref, batch, (await deps.ledger.getGeneration(ref)) ?? generation);
}

/** @throws PlanRefusedError when the batch's deadline is over, or it waited too long for a place */
async function admit(
  deps: PlanDeps,
  batch: BatchRecord,
  { batchId, generation, openedAt }: GenerationRecord,
): Promise<"taken" | "waiting"> {
  const now = deps.clock.now();
  proveDeadline(termsOf(batch, { generation }), now);
  const ref = { batchId, generation };
  if (await deps.ledger.takePlace(ref, deps.maximumOpenBatches)) return "taken";
  const waitedHours = (now - Date.parse(openedAt)) / HOUR_MILLISECONDS;
  if (waitedHours > MAXIMUM_WAIT_HOURS) throw waitedTooLong(waitedHours, deps.maximumOpenBatches);
  deps.log("info", "plan_waiting", { ...ref, maximumOpenBatches: deps.maximumOpenBatches, openedAt });
  return "waiting";
}

async function planOpen(deps: PlanDeps, batch: BatchRecord, generation: GenerationRecord, startedAt: string | undefined): Promise<void> {
  const ref = { batchId: batch.batchId, generation: generation.generation };
  const foreign = batch.sources.find(({ bucket }) => !deps.sourceBuckets.includes(bucket));
  if (foreign !== undefined) throw foreignBucket(foreign.bucket, deps.sourceBuckets);
  await withScratchFolder(deps.directory, async (directory) => {
    const { carriedPartials, files } = await filesToPlan(deps, batch, generation);
    const written = await writePlan(files, { ...deps.writing, directory });
    if (written.fileCount === 0) throw nothingThere(batch);
    proveReduce(written, carriedPartials(), deps.limits);
    const chosen = chooseRoute(batch.requestedRoute, written, deps.limits);
    proveTerms(termsOf(batch, generation), chosen, deps.clock.now());
    if (await isDecided(deps, ref)) return;
    await storePlan(deps.store, deps.stateBucket, ref, written);
    await record(deps, ref, summaryOf(batch, written, chosen, startedAt), chosen);
  });
}

async function record(deps: PlanDeps, ref: GenerationRef, summary: PlanSummary, chosen: ChosenRoute): Promise<void> {
  // the demand comes before the plan, which is what a retry looks at
  const wakes = chosen.route === "fleet" && summary.chunkCount > 0;
  if (wakes) {
    const untilEpochSeconds = Math.ceil(deps.clock.now() / 1_000 + DEMAND_FACTOR * chosen.seconds);
    await deps.ledger.putDemand(executionName(ref), { capacity: chosen.workers, untilEpochSeconds });
  }
  const stored = await deps.ledger.recordPlan(ref, summary);
  if (stored.planSha256 !== summary.planSha256) {
    deps.log("warn", "plan_superseded", { ...ref, planSha256: summary.planSha256, storedPlanSha256: stored.planSha256 });
  } else {
    deps.log("info", "generation_planned", { ...ref, ...summary, workers: chosen.workers });
  }
  if (wakes) await deps.wakeFleet();
}

/** Listing takes minutes: meanwhile another run may have stored its plan, or a cancel closed the generation. */
async function isDecided({ ledger }: PlanDeps, ref: GenerationRef): Promise<boolean> {
  const latest = await ledger.getGeneration(ref);
  return latest?.status !== "open" || latest.plan !== undefined;
}

function summaryOf(batch: BatchRecord, written: WrittenPlan, chosen: ChosenRoute, startedAt: string | undefined): PlanSummary {
  const { bytes, carriedFileCount, chunkCount, fileCount, manifestSha256, planSha256, quarantinedFileCount, splitCount } = written;
  return {
    route: chosen.route,
    fileCount,
    bytes,
    splitCount,
    chunkCount,
    manifestSha256,
    planSha256,
    estimatedSeconds: chosen.seconds,
    estimatedCostUsd: chosen.costUsd,
    acknowledgePer: fileCount <= batch.acknowledgePerFileUpTo ? "file" : "chunk",
    carriedFileCount,
    quarantinedFileCount,
    versions: { ...VERSIONS, workload: BoundWorkload.ofRecord(batch.workload).record.version },
    // as every time of the ledger is written, whatever digits and offset Step Functions gives it
    ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
  };
}

/** Nothing will be worked on. No plan is stored, so a retry that finds the generation still open plans again. */
async function refuse(deps: PlanDeps, ref: GenerationRef, reason: Error): Promise<void> {
  if (await isDecided(deps, ref)) return;
  await deps.ledger.closeGeneration(ref, "refused", reason.message);
  deps.log("warn", "plan_refused", { ...ref, reason: reason.message });
}

function outputOf(deps: PlanDeps, ref: GenerationRef, batch: BatchRecord, { closeCause, plan, status }: GenerationRecord): PlanOutput {
  return {
    outcome: closeCause === "refused" ? "refused" : "planned",
    route: plan?.route ?? routeOfNothing(batch),
    chunkCount: status === "open" ? (plan?.chunkCount ?? 0) : 0,
    stateBucket: deps.stateBucket,
    // without a plan there are no chunks, and the machine reads no file of them
    chunksKey: plan === undefined ? "" : chunksKey(ref, plan),
  };
}

/** The machine's Choice wants a route even when there is nothing to do; Lambda wakes nobody. */
const routeOfNothing = ({ requestedRoute }: BatchRecord): Route => (requestedRoute === "fleet" ? "fleet" : "lambda");

const nothingThere = ({ filter, sources }: BatchRecord): PlanRefusedError =>
  new PlanRefusedError(
    "a batch has one file at least",
    `there is no object at ${sources.map(addressOf).join(", ")}${filter === undefined ? "" : " that the patterns choose"}`,
    "look for a misspelt prefix, or whether somebody removed the objects",
  );

const foreignBucket = (bucket: string, allowed: readonly string[]): PlanRefusedError =>
  new PlanRefusedError(
    `batches may read ${allowed.join(", ")}`,
    `the batch's files are in bucket ${bucket}`,
    "add it to sourceBuckets of the environment and deploy, or copy the files",
  );

const waitedTooLong = (hours: number, maximum: number): PlanRefusedError =>
  new PlanRefusedError(
    `a batch waits at most ${MAXIMUM_WAIT_HOURS} hours, and at most ${maximum} are open at the same time (FILEMILL_MAXIMUM_OPEN_BATCHES)`,
    `the batch waited ${hours.toFixed(1)} hours for one of them to end`,
    "cancel batches that are open, or raise that limit and deploy; then submit the files again",
  );
