import type { RequestedRoute, Route } from "../../contracts/batch";
import { LAMBDA_RESERVE_SECONDS } from "../../contracts/lambda-rounds";
import { QUEUE_MAXIMUM_LEASE_SECONDS } from "../../../../kit/lib/service-limits";
import { FLEET_BOOT_SECONDS } from "../pricing/estimate";
import { SAFETY_FACTOR, type RouteLimits } from "./prove-plan";

/**
 * Bytes of the largest file that can't be split, such as a gzip, which a slot works through in the time it has, were the file alone in the
 * world. A bigger one could not be done by any plan, so it costs itself only (invariant 7), where a chunk that is too big in this plan's
 * company refuses the plan (systems/batch/core/planning/prove-plan).
 *
 * | route | time of one file |
 * | --- | --- |
 * | `fleet` | the child's timeout less the boot, and no longer than a message can be leased |
 * | `lambda` | one invocation less the reserve for the commit |
 * | `auto` | whichever is more |
 *
 * @param fileOverheadBytes what a file weighs besides its bytes
 * @returns Infinity where the limits leave no time for any file: then it is not the file's fault, and the route is refused
 */
export function unsplittableLimitBytes(requested: RequestedRoute, limits: RouteLimits, fileOverheadBytes: number): number {
  const seconds: Record<Route, number> = {
    fleet: Math.min(limits.fleetTaskTimeoutSeconds - FLEET_BOOT_SECONDS, QUEUE_MAXIMUM_LEASE_SECONDS),
    lambda: limits.lambdaTimeoutSeconds - LAMBDA_RESERVE_SECONDS,
  };
  const available = requested === "auto" ? Math.max(seconds.fleet, seconds.lambda) : seconds[requested];
  if (available <= 0) return Number.POSITIVE_INFINITY;
  return Math.floor((available * limits.bytesPerSlotSecond) / SAFETY_FACTOR) - fileOverheadBytes;
}
