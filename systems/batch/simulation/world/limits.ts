import type { FaultPlan } from "../../../../kit/simulator/kernel/faults";
import type { WriteLimits } from "../../../../kit/simulator/kernel/throughput";
import { FAULTS_CEASE_MILLISECONDS, MINUTE, START_MILLISECONDS } from "./settings";

/** What binds in a world, also when faults have ceased: services have limits on good days, too. undefined: it does not bind. */
export interface WorldLimits {
  /** Retry tokens of each client; the SDK's own 500 are enough for anything that happens here. */
  readonly retryTokens: number | undefined;
  /** Invocations that the account lets run at the same time. */
  readonly concurrency: number | undefined;
  /** Of the ledger's table. */
  readonly writes: WriteLimits | undefined;
  /** Hosts that are launched before it (milliseconds since the epoch) never start. */
  readonly hostsStartFrom: number;
}

export const drawLimits = (faults: FaultPlan): WorldLimits => ({
  // one retry, or a few
  retryTokens: faults.limits("retry-tokens-used-up") ? faults.draw(14, 70) : undefined,
  concurrency: faults.limits("lambda-concurrency-used-up") ? faults.draw(1, 4) : undefined,
  writes: faults.limits("write-capacity-used-up") ? { partition: faults.draw(8, 40), table: faults.draw(20, 160) } : undefined,
  hostsStartFrom: START_MILLISECONDS + (faults.limits("host-never-starts") ? faults.drawLogUniform(MINUTE, FAULTS_CEASE_MILLISECONDS) : 0),
});
