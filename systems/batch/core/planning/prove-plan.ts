import { GROUP_LIMITS } from "../chunk-work/chunk-deps";
import { LAMBDA_RESERVE_SECONDS, LAMBDA_ROUNDS } from "../../contracts/lambda-rounds";
import {
  MAP_MAXIMUM_ITEM_FILE_BYTES,
  MAP_MAXIMUM_ITEMS,
  QUEUE_MAXIMUM_IN_FLIGHT,
  QUEUE_MAXIMUM_LEASE_SECONDS,
} from "../../../../kit/lib/service-limits";
import { FLEET_BOOT_SECONDS } from "../pricing/estimate";
import { reduceSeconds, type ReduceWork } from "../pricing/reduce-time";
import { PlanRefusedError } from "./errors";
import type { WrittenPlan } from "./write-plan";

/** What an environment was synthesized with, as far as plans depend on it. */
export interface RouteLimits {
  readonly fleetConcurrency: number;
  readonly lambdaConcurrency: number;
  /** TimeoutSeconds of a fleet child: its queue wait and all redeliveries. */
  readonly fleetTaskTimeoutSeconds: number;
  readonly lambdaTimeoutSeconds: number;
  readonly bytesPerSlotSecond: number;
  readonly slotsPerWorker: number;
  readonly maximumWorkers: number;
  /** Partials that are merged together, where a batch has so many that ranges of them are merged first. */
  readonly partialsPerRange: number;
}

/** Measured speeds differ by machine and text: a plan must still hold when the work takes twice the estimate. */
export const SAFETY_FACTOR = 2;

type ProvenPlan = Pick<WrittenPlan, "chunkCount" | "chunksFileBytes" | "weightBytes" | "largestChunkBytes" | "largestSplitBytes">;

/** Limits of the map itself, whatever the route. @throws PlanRefusedError */
export function proveMap({ chunkCount, chunksFileBytes }: Pick<ProvenPlan, "chunkCount" | "chunksFileBytes">): void {
  const wayOut = "raise planning.targetChunkBytes or planning.splitBytes, or submit the files in several batches";
  if (chunkCount > MAP_MAXIMUM_ITEMS) {
    throw new PlanRefusedError(`a Distributed Map reads at most ${MAP_MAXIMUM_ITEMS} items`, `the plan has ${chunkCount} chunks`, wayOut);
  }
  if (chunksFileBytes > MAP_MAXIMUM_ITEM_FILE_BYTES) {
    throw new PlanRefusedError(
      `a Distributed Map reads a file of at most ${MAP_MAXIMUM_ITEM_FILE_BYTES} bytes`,
      `chunks.jsonl has ${chunksFileBytes} bytes`,
      wayOut,
    );
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const REDUCE_SECONDS = 900;

/**
 * What the longest function of a merge may take: the one that ends it, for a range takes less by what ranges there may be
 * (`SETTING_RANGES.partialsPerRange`). Its memory doesn't depend on the number of partials, nor do its open files.
 */
export const longestReduceSeconds = (work: ReduceWork): number => reduceSeconds(work, SAFETY_FACTOR).last;

/** Partials that a plan comes to: commit groups are closed by number of files, by bytes, or by age. */
export const partialsOf = (
  { groupCount, weightBytes }: Pick<WrittenPlan, "groupCount" | "weightBytes">,
  { bytesPerSlotSecond }: Pick<RouteLimits, "bytesPerSlotSecond">,
): number => groupCount + Math.floor(weightBytes / ((bytesPerSlotSecond * GROUP_LIMITS.maximumMilliseconds) / 1_000));

/**
 * What the reduce is through with in its time.
 *
 * @param carriedPartials partials of earlier generations that stand
 * @throws PlanRefusedError
 */
export function proveReduce(
  plan: Pick<WrittenPlan, "groupCount" | "weightBytes" | "fileCount">,
  carriedPartials: number,
  limits: Pick<RouteLimits, "bytesPerSlotSecond" | "partialsPerRange">,
): void {
  const partials = partialsOf(plan, limits) + carriedPartials;
  const { partialsPerRange } = limits;
  const seconds = Math.ceil(longestReduceSeconds({ files: plan.fileCount, partials, partialsPerRange }));
  if (seconds <= REDUCE_SECONDS) return;
  const carried = carriedPartials === 0 ? "" : `, ${carriedPartials} of them of earlier generations`;
  throw new PlanRefusedError(
    `the last step of a reduce must be through within ${REDUCE_SECONDS} s, the longest that a function runs`,
    `the plan of ${plan.fileCount} files and ${plan.weightBytes} bytes comes to about ${partials} partials${carried}, which would need about ${seconds} s`,
    "submit the files in several batches, by longer prefixes",
  );
}

/**
 * The fleet route: the clock of a child runs from the send of its message, so that the message which waits behind a full map must be
 * through in time, by the biggest fleet there may be.
 *
 * @returns what stands against it, or undefined
 */
export function fleetObjection(plan: ProvenPlan, limits: RouteLimits): PlanRefusedError | undefined {
  if (plan.chunkCount === 0) return undefined;
  const slots = limits.maximumWorkers * limits.slotsPerWorker;
  const leaseSeconds = Math.ceil((SAFETY_FACTOR * plan.largestChunkBytes) / limits.bytesPerSlotSecond);
  if (leaseSeconds > QUEUE_MAXIMUM_LEASE_SECONDS) {
    return new PlanRefusedError(
      `a message can be leased for at most ${QUEUE_MAXIMUM_LEASE_SECONDS} s`,
      `the largest chunk, of ${plan.largestChunkBytes} bytes, would need about ${leaseSeconds} s`,
      "lower the chunk and split sizes; a gzip file can't be split, so store it in parts or unpacked",
    );
  }
  if (Math.min(slots, plan.chunkCount) > QUEUE_MAXIMUM_IN_FLIGHT) {
    return new PlanRefusedError(
      `a queue has at most ${QUEUE_MAXIMUM_IN_FLIGHT} messages in flight`,
      `the fleet has ${slots} slots`,
      "lower the maximum size of the fleet",
    );
  }
  const ahead = Math.min(plan.chunkCount, limits.fleetConcurrency);
  const meanChunkBytes = plan.weightBytes / plan.chunkCount;
  const workSeconds = ((ahead * meanChunkBytes) / slots + plan.largestChunkBytes) / limits.bytesPerSlotSecond;
  const seconds = Math.ceil(FLEET_BOOT_SECONDS + SAFETY_FACTOR * workSeconds);
  if (seconds <= limits.fleetTaskTimeoutSeconds) return undefined;
  return new PlanRefusedError(
    `a chunk on the fleet must end within ${limits.fleetTaskTimeoutSeconds} s of its message (FLEET_TASK_TIMEOUT_SECONDS)`,
    `the last of ${ahead} waiting chunks would need about ${seconds} s on ${slots} slots, its largest holding ${plan.largestChunkBytes} bytes`,
    "raise that timeout or the maximum size of the fleet, or lower FILEMILL_FLEET_CONCURRENCY or the chunk and split sizes",
  );
}

/**
 * The lambda route: progress is kept from file to file, so a file must fit into one invocation, and a chunk into all rounds of it.
 *
 * @returns what stands against it, or undefined
 */
export function lambdaObjection(plan: ProvenPlan, limits: RouteLimits): PlanRefusedError | undefined {
  const roundSeconds = limits.lambdaTimeoutSeconds - LAMBDA_RESERVE_SECONDS;
  const seconds = (bytes: number): number => Math.ceil((SAFETY_FACTOR * bytes) / limits.bytesPerSlotSecond);
  const wayOut = "take the route fleet, or lower the chunk and split sizes";
  if (seconds(plan.largestSplitBytes) > roundSeconds) {
    return new PlanRefusedError(
      `a file or range on Lambda must be through within ${roundSeconds} s, the timeout less the reserve for the commit`,
      `the largest of ${plan.largestSplitBytes} bytes would need about ${seconds(plan.largestSplitBytes)} s`,
      wayOut,
    );
  }
  if (seconds(plan.largestChunkBytes) > LAMBDA_ROUNDS * roundSeconds) {
    return new PlanRefusedError(
      `a chunk on Lambda must be through within ${LAMBDA_ROUNDS} rounds of ${roundSeconds} s`,
      `the largest of ${plan.largestChunkBytes} bytes would need about ${seconds(plan.largestChunkBytes)} s`,
      wayOut,
    );
  }
  return undefined;
}
