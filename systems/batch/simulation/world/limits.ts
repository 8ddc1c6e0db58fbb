import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import { drawServiceLimits, type ServiceLimits } from "../../../../kit/simulator/kernel/service-limits";
import { MINUTE, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { FAULTS_CEASE_MILLISECONDS } from "./settings";

/** What binds in a world of batches; `writes` are those of the ledger's table. */
export interface WorldLimits extends ServiceLimits {
  /** Hosts that are launched before it (milliseconds since the epoch) never start. */
  hostsStartFrom: number;
  /** Instances that EC2 has for the fleet. */
  spotCapacity: number;
}

export const drawLimits = (faults: FaultPlan): WorldLimits => ({
  ...drawServiceLimits(faults),
  spotCapacity: Number.POSITIVE_INFINITY,
  hostsStartFrom: START_MILLISECONDS + (faults.limits("host-never-starts") ? faults.drawLogUniform(MINUTE, FAULTS_CEASE_MILLISECONDS) : 0),
});
