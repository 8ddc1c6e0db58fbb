import type { FaultPlan } from "./faults";
import type { WriteLimits } from "./throughput";

/** What binds in a world, also when faults have ceased: services have limits on good days, too. undefined: it does not bind. */
export interface ServiceLimits {
  /** Retry tokens of each client; the SDK's own 500 are enough for anything that happens in a world. */
  readonly retryTokens: number | undefined;
  /** Invocations that the account lets run at the same time. */
  readonly concurrency: number | undefined;
  /** Of a table. */
  readonly writes: WriteLimits | undefined;
}

export const drawServiceLimits = (faults: FaultPlan): ServiceLimits => ({
  // one retry, or a few
  retryTokens: faults.limits("retry-tokens-used-up") ? faults.draw(14, 70) : undefined,
  concurrency: faults.limits("lambda-concurrency-used-up") ? faults.draw(1, 4) : undefined,
  writes: faults.limits("write-capacity-used-up") ? { partition: faults.draw(8, 40), table: faults.draw(20, 160) } : undefined,
});
