import type { PriceList } from "../../../../kit/lib/price-list";
import type { Route } from "../../contracts/batch";
import type { GenerationRecord, PlanSummary, WorkDone } from "../../contracts/ledger-rows";
import { GROUP_LIMITS } from "../chunk-work/chunk-deps";
import {
  ACKNOWLEDGEMENTS_PER_REQUEST,
  FLEET_BOOT_SECONDS,
  FLEET_IDLE_SECONDS,
  LAMBDA_GIBIBYTES,
  PAGE_OBJECTS,
  sumOf,
  workerPrices,
  type Costs,
} from "./estimate";
import { GETS_PER_PARTIAL } from "./reduce-time";
import { TRANSITIONS_PER_CHUNK } from "./work";

/** How workers of a stack are paid. */
export interface WorkerTerms {
  readonly slotsPerWorker: number;
  readonly instanceType: string;
  /** Of all workers, from 0 to 1. */
  readonly onDemandShare: number;
}

/** What a generation cost, by list prices. */
export interface BatchCosts {
  readonly route: Route;
  /** By part; compute and addresses are of `slotSeconds` alone. */
  readonly costs: Costs;
  readonly totalUsd: number;
  /**
   * What no row tells: workers' boot, and their idle time before they end themselves, which other batches may have shared. Absent on
   * Lambda.
   */
  readonly bootAndIdleUsd?: number;
  /** What spot instances cost less than the same time on demand, by the planning price. Absent on Lambda. */
  readonly savedBySpotUsd?: number;
  /** Work that was done again, at most: a commit group for each claim that was lost to spot. */
  readonly lostToSpotUsd: number;
  /** What the plan expected. */
  readonly estimatedUsd: number;
}

/** @param done from `workDone` */
export function batchCosts(plan: PlanSummary, done: WorkDone, terms: WorkerTerms, prices: PriceList): BatchCosts {
  const { usd } = prices;
  const { instanceHour, addressHour } = workerPrices(prices, terms.instanceType, terms.onDemandShare);
  const onDemandHour = workerPrices(prices, terms.instanceType, 1).instanceHour;
  const isFleet = plan.route === "fleet";
  const workerHours = (slotSeconds: number): number => slotSeconds / terms.slotsPerWorker / 3_600;
  const functionUsd = (slotSeconds: number): number => slotSeconds * LAMBDA_GIBIBYTES * usd.functionGibibyteSecond;
  const acknowledgements = plan.acknowledgePer === "file" ? plan.splitCount : done.chunksClaimed;
  const costs: Costs = {
    compute: isFleet ? workerHours(done.slotSeconds) * instanceHour : functionUsd(done.slotSeconds),
    addresses: isFleet ? workerHours(done.slotSeconds) * addressHour : 0,
    requests: isFleet ? 0 : done.claims * usd.functionRequest,
    workflow: plan.chunkCount * TRANSITIONS_PER_CHUNK[plan.route] * usd.stateTransition,
    // a chunk's message is sent and deleted once, and received for each claim
    queues:
      ((isFleet ? 2 * plan.chunkCount + done.claims : 0) + Math.ceil(acknowledgements / ACKNOWLEDGEMENTS_PER_REQUEST)) * usd.queueRequest,
    objects:
      (plan.splitCount + done.claims + done.partials * GETS_PER_PARTIAL) * usd.objectGet +
      (done.partials + Math.ceil(plan.fileCount / PAGE_OBJECTS)) * usd.objectPut,
    // a claim, a commit, and an item for each file
    tables: (done.claims + done.commits + plan.splitCount) * usd.tableWrite,
  };
  const lostSeconds = (done.spotLosses * GROUP_LIMITS.maximumMilliseconds) / 1_000;
  const bootAndIdleHours = (done.workers * (FLEET_BOOT_SECONDS + FLEET_IDLE_SECONDS)) / 3_600;
  const paidHours = workerHours(done.slotSeconds) + bootAndIdleHours;
  return {
    route: plan.route,
    costs,
    totalUsd: sumOf(costs),
    ...(isFleet
      ? { bootAndIdleUsd: bootAndIdleHours * (instanceHour + addressHour), savedBySpotUsd: paidHours * (onDemandHour - instanceHour) }
      : {}),
    lostToSpotUsd: isFleet ? workerHours(lostSeconds) * (instanceHour + addressHour) : functionUsd(lostSeconds),
    estimatedUsd: plan.estimatedCostUsd,
  };
}

/**
 * Seconds from the workflow's start to the completion message, which is what a plan's estimate is about.
 *
 * @returns undefined while it is at work, and where its start was not kept or clocks contradict each other
 */
export function secondsTaken({ completionSentAt, plan }: Pick<GenerationRecord, "completionSentAt" | "plan">): number | undefined {
  if (completionSentAt === undefined || plan?.startedAt === undefined) return undefined;
  const seconds = (Date.parse(completionSentAt) - Date.parse(plan.startedAt)) / 1_000;
  return seconds < 0 ? undefined : seconds;
}
