import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { drawServiceLimits, type ServiceLimits } from "../../../../kit/simulator/kernel/service-limits";
import { MINUTE, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { FAULTS_CEASE_MILLISECONDS, type DrawnSettings } from "./settings";

/** What binds in a world of batches; `writes` are those of the ledger's table. */
export interface WorldLimits extends ServiceLimits {
  /** Hosts that are launched before it (milliseconds since the epoch) never start. */
  hostsStartFrom: number;
  /** Instances that EC2 has for the fleet. */
  spotCapacity: number;
  /** EC2 takes each spot instance again as soon as it works, until faults cease. */
  isSpotShort: boolean;
  /** And there is no on-demand capacity either, until then. */
  isOnDemandShort: boolean;
}

/** Where a file takes so long to read at most, an instance that is taken hardly ever has nothing in work. */
const SLOW_READ_MILLISECONDS = 3_000;

export const drawLimits = (
  faults: FaultPlan,
  { latencyMilliseconds, readMilliseconds }: Pick<DrawnSettings, "latencyMilliseconds" | "readMilliseconds">,
): WorldLimits => ({
  ...drawServiceLimits(faults),
  // no draws of their own, so that a seed goes on drawing what it drew
  isSpotShort: isSpotShort(faults, readMilliseconds),
  isOnDemandShort: isSpotShort(faults, readMilliseconds) && latencyMilliseconds % 2 === 0,
  spotCapacity: Number.POSITIVE_INFINITY,
  hostsStartFrom: START_MILLISECONDS + (faults.limits("host-never-starts") ? faults.drawLogUniform(MINUTE, FAULTS_CEASE_MILLISECONDS) : 0),
});

const isSpotShort = (faults: FaultPlan, readMilliseconds: number): boolean =>
  faults.mayHappen("spot-notice") && readMilliseconds >= SLOW_READ_MILLISECONDS;
