import { desiredCapacity } from "../../core/capacity/desired-capacity";
import type { LogEvent } from "../../core/chunk-work/chunk-deps";
import type { Capacity, QueueDepth } from "../../core/ports/capacity";
import type { Clock } from "../../core/ports/clock";
import type { Ledger } from "../../core/ports/ledger";

export interface OrchestrateDeps {
  readonly ledger: Pick<Ledger, "demandedCapacity">;
  readonly jobs: QueueDepth;
  readonly chunks: QueueDepth;
  readonly capacity: Capacity;
  readonly clock: Clock;
  readonly log: LogEvent;
  readonly jobsPerWorker: number;
  readonly slotsPerWorker: number;
}

/**
 * Raises the fleet's desired capacity to what plans and queues ask for; the one caller of SetDesiredCapacity (invariant 6). Two
 * runs at once do no harm: both only raise, and the next minute corrects a lost race.
 */
export async function orchestrate(deps: OrchestrateDeps): Promise<{ readonly desired: number; readonly raised: boolean }> {
  const [demanded, jobs, chunks, { desired, maximum }] = await Promise.all([
    deps.ledger.demandedCapacity(Math.floor(deps.clock.now() / 1_000)),
    deps.jobs.read(),
    deps.chunks.read(),
    deps.capacity.read(),
  ]);
  const facts = {
    desired,
    maximum,
    demanded,
    jobBacklog: jobs.visible + jobs.inFlight,
    chunkBacklog: chunks.visible + chunks.inFlight,
    jobsPerWorker: deps.jobsPerWorker,
    slotsPerWorker: deps.slotsPerWorker,
  };
  const wanted = desiredCapacity(facts);
  const raised = wanted > desired;
  if (raised) await deps.capacity.setDesired(wanted);
  deps.log("info", raised ? "capacity_raised" : "capacity_kept", { ...facts, wanted });
  return { desired: wanted, raised };
}
