import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { LogEvent } from "../../core/chunk-work/chunk-deps";
import type { GenerationRef, PlanOutput, Route } from "../../core/contracts/batch";
import type { BatchRecord, GenerationRecord, PlanSummary } from "../../core/contracts/ledger-rows";
import { chunksKey, executionName, manifestKey, splitsKey } from "../../core/contracts/state-keys";
import { chooseRoute, type ChosenRoute } from "../../core/planning/choose-route";
import { PlanRefusedError } from "../../core/planning/errors";
import type { RouteLimits } from "../../core/planning/prove-plan";
import { writePlan, type WritePlanOptions, type WrittenPlan } from "../../core/planning/write-plan";
import type { Clock } from "../../core/ports/clock";
import type { Ledger } from "../../core/ports/ledger";
import { BucketMissingError, type ObjectStore } from "../../core/ports/object-store";

export interface PlanDeps {
  readonly ledger: Ledger;
  readonly store: ObjectStore;
  readonly clock: Clock;
  readonly log: LogEvent;
  readonly stateBucket: string;
  /** Buckets a batch may read (design section 8). */
  readonly sourceBuckets: readonly string[];
  /** Existing folder for temporary files. */
  readonly directory: string;
  readonly writing: Omit<WritePlanOptions, "directory">;
  readonly limits: RouteLimits;
  /** Runs the orchestrator, so that the fleet wakes without waiting for its schedule. @throws when it was not taken */
  readonly wakeFleet: () => Promise<void>;
}

/**
 * Plans a generation: freezes its files, packs them, proves the plan, chooses the route and stores it all. Asked again after it
 * succeeded it answers the same and changes nothing.
 *
 * @throws ObjectAccessDeniedError when the role may not list the source or write the plan; Error when the ledger has no such batch
 */
export async function plan(deps: PlanDeps, ref: GenerationRef): Promise<PlanOutput> {
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
  const directory = await mkdtemp(path.join(deps.directory, "plan-"));
  try {
    await planOpen(deps, ref, batch, directory);
  } catch (error) {
    if (!(error instanceof PlanRefusedError || error instanceof BucketMissingError)) throw error;
    await refuse(deps, ref, error);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
  // closed in the meantime (cancelled): then nothing may be started any more
  return outputOf(deps, ref, batch, (await deps.ledger.getGeneration(ref)) ?? generation);
}

async function planOpen(deps: PlanDeps, ref: GenerationRef, batch: BatchRecord, directory: string): Promise<void> {
  const { bucket, prefix } = batch.source;
  if (!deps.sourceBuckets.includes(bucket)) throw foreignBucket(bucket, deps.sourceBuckets);
  const written = await writePlan(deps.store, deps.store.list(bucket, prefix), { ...deps.writing, directory }, deps.log);
  const chosen = chooseRoute(batch.requestedRoute, written, deps.limits);
  const summary = summaryOf(batch, written, chosen);
  if (await isDecided(deps, ref)) return;

  await Promise.all([
    deps.store.putFile(deps.stateBucket, manifestKey(ref), written.manifestPath),
    deps.store.putFile(deps.stateBucket, splitsKey(ref), written.splitsPath),
    deps.store.putFile(deps.stateBucket, chunksKey(ref), written.chunksPath),
  ]);
  // the demand comes before the plan, which is what a retry looks at
  const wakes = chosen.route === "fleet" && summary.chunkCount > 0;
  if (wakes) {
    const untilEpochSeconds = Math.ceil(deps.clock.now() / 1_000 + chosen.seconds);
    await deps.ledger.putDemand(executionName(ref), { capacity: chosen.workers, untilEpochSeconds });
  }
  const stored = await deps.ledger.recordPlan(ref, summary);
  if (stored.manifestSha256 !== summary.manifestSha256) {
    throw new Error(
      `two runs planned ${executionName(ref)} at the same time from different listings (${stored.manifestSha256}, ${summary.manifestSha256}); ` +
        "submit the batch again, and don't change its files meanwhile",
    );
  }
  deps.log("info", "generation_planned", { ...ref, ...summary, workers: chosen.workers });
  if (wakes) await deps.wakeFleet();
}

/** Listing takes minutes: meanwhile another run may have stored its plan, whose files must stay, or a cancel closed the generation. */
async function isDecided({ ledger }: PlanDeps, ref: GenerationRef): Promise<boolean> {
  const latest = await ledger.getGeneration(ref);
  return latest?.status !== "open" || latest.plan !== undefined;
}

function summaryOf(batch: BatchRecord, written: WrittenPlan, chosen: ChosenRoute): PlanSummary {
  const { bytes, chunkCount, fileCount, manifestSha256, splitCount } = written;
  return {
    route: chosen.route,
    fileCount,
    bytes,
    splitCount,
    chunkCount,
    manifestSha256,
    estimatedSeconds: chosen.seconds,
    estimatedCostUsd: chosen.costUsd,
    acknowledgePer: fileCount <= batch.acknowledgePerFileUpTo ? "file" : "chunk",
  };
}

/**
 * Nothing will be worked on: an empty manifest, and the reason for the completion message. No plan is stored, so a retry that finds
 * the generation still open plans again.
 */
async function refuse(deps: PlanDeps, ref: GenerationRef, reason: Error): Promise<void> {
  if (await isDecided(deps, ref)) return;
  for (const key of [manifestKey(ref), splitsKey(ref), chunksKey(ref)]) await deps.store.put(deps.stateBucket, key, "");
  await deps.ledger.closeGeneration(ref, "refused", reason.message);
  deps.log("warn", "plan_refused", { ...ref, reason: reason.message });
}

function outputOf(deps: PlanDeps, ref: GenerationRef, batch: BatchRecord, generation: GenerationRecord): PlanOutput {
  const open = generation.status === "open";
  return {
    outcome: generation.closeCause === "refused" ? "refused" : "planned",
    route: generation.plan?.route ?? routeOfNothing(batch),
    chunkCount: open ? (generation.plan?.chunkCount ?? 0) : 0,
    stateBucket: deps.stateBucket,
    chunksKey: chunksKey(ref),
  };
}

/** The machine's Choice wants a route even when there is nothing to do; Lambda wakes nobody. */
const routeOfNothing = ({ requestedRoute }: BatchRecord): Route => (requestedRoute === "fleet" ? "fleet" : "lambda");

const foreignBucket = (bucket: string, allowed: readonly string[]): PlanRefusedError =>
  new PlanRefusedError(
    `batches may read ${allowed.join(", ")}`,
    `the batch's files are in bucket ${bucket}`,
    "add it to sourceBuckets of the environment and deploy, or copy the files",
  );
