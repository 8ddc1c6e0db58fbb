import type { RequestedRoute, Route } from "../../contracts/batch";
import { estimateFleet, estimateLambda, type Estimate } from "../pricing/estimate";
import type { Work } from "../pricing/work";
import { fleetObjection, lambdaObjection, partialsOf, proveMap, type RouteLimits } from "./prove-plan";
import type { WrittenPlan } from "./write-plan";

/** Seconds of work each slot should have at least: a worker boots for longer than that and is billed for a minute. */
const WORTHWHILE_SLOT_SECONDS = 60;

type RoutedPlan = Pick<
  WrittenPlan,
  "splitCount" | "chunkCount" | "chunksFileBytes" | "weightBytes" | "largestChunkBytes" | "largestSplitBytes" | "groupCount"
>;

export interface ChosenRoute extends Estimate {
  readonly route: Route;
  /** Workers the fleet should have for it; 0 on Lambda. */
  readonly workers: number;
}

/**
 * Proves a plan and chooses what does its work.
 *
 * | asked for | possible by the limits | taken |
 * | --- | --- | --- |
 * | `fleet` or `lambda` | that one | that one |
 * | `fleet` or `lambda` | not that one | refused |
 * | `auto` | both | Lambda if it is both sooner and cheaper by estimate, else the fleet |
 * | `auto` | one | that one |
 * | `auto` | none | refused, with what stands against the fleet |
 *
 * The fleet boots for 85 to 120 s and bills a minute at least, so small batches are Lambda's; an hour of Lambda costs several times
 * an hour of spot, so big ones are the fleet's.
 *
 * @throws PlanRefusedError
 */
export function chooseRoute(requested: RequestedRoute, plan: RoutedPlan, limits: RouteLimits): ChosenRoute {
  proveMap(plan);
  const objections = { fleet: fleetObjection(plan, limits), lambda: lambdaObjection(plan, limits) };
  const options = routeOptions(plan, limits);
  if (requested !== "auto") {
    const objection = objections[requested];
    if (objection !== undefined) throw objection;
    return options[requested];
  }
  if (objections.fleet !== undefined && objections.lambda !== undefined) throw objections.fleet;
  if (objections.lambda !== undefined) return options.fleet;
  if (objections.fleet !== undefined) return options.lambda;
  return options[preferredRoute(options)];
}

/** Of two routes that are both possible. */
export const preferredRoute = ({ fleet, lambda }: Record<Route, Estimate>): Route =>
  lambda.seconds <= fleet.seconds && lambda.costUsd <= fleet.costUsd ? "lambda" : "fleet";

/** The work that a plan comes to. */
export const workOf = (
  plan: Pick<RoutedPlan, "splitCount" | "chunkCount" | "weightBytes" | "largestChunkBytes" | "groupCount">,
  limits: Pick<RouteLimits, "bytesPerSlotSecond" | "partialsPerRange">,
): Work => ({
  splitCount: plan.splitCount,
  chunkCount: plan.chunkCount,
  partialCount: partialsOf(plan, limits),
  partialsPerRange: limits.partialsPerRange,
  slotSeconds: plan.weightBytes / limits.bytesPerSlotSecond,
  largestChunkSeconds: plan.largestChunkBytes / limits.bytesPerSlotSecond,
});

function routeOptions(plan: RoutedPlan, limits: RouteLimits): Record<Route, ChosenRoute> {
  const work = workOf(plan, limits);
  const workers = worthwhileWorkers(work, limits);
  const fleet = estimateFleet(work, { workers, slotsPerWorker: limits.slotsPerWorker });
  const lambda = estimateLambda(work, { concurrency: limits.lambdaConcurrency });
  return {
    fleet: { route: "fleet", workers, seconds: fleet.seconds, costUsd: fleet.costUsd },
    lambda: { route: "lambda", workers: 0, seconds: lambda.seconds, costUsd: lambda.costUsd },
  };
}

/** As many workers as have work for all their slots, within the fleet's maximum; at least one when there is any work. */
export function worthwhileWorkers(
  { chunkCount, slotSeconds }: Work,
  limits: Pick<RouteLimits, "fleetConcurrency" | "maximumWorkers" | "slotsPerWorker">,
): number {
  const bySeconds = Math.ceil(slotSeconds / (WORTHWHILE_SLOT_SECONDS * limits.slotsPerWorker));
  const byChunks = Math.ceil(Math.min(chunkCount, limits.fleetConcurrency) / limits.slotsPerWorker);
  return Math.min(limits.maximumWorkers, byChunks, Math.max(1, bySeconds));
}
