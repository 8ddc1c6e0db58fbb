import { desiredCapacity } from "./desired-capacity";
import { backlogWithoutTestEvents, type JobsQueue } from "./discard-test-events";
import { launchLimit } from "./fleet-health";
import type { LogEvent } from "../../../../kit/lib/log";
import type { Capacity, QueueDepth } from "../../../../kit/ports/capacity";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";

export interface OrchestrateDeps {
  readonly ledger: Pick<Ledger, "demandedCapacity" | "fleetHealth">;
  readonly jobs: JobsQueue;
  readonly chunks: QueueDepth;
  readonly capacity: Capacity;
  /** What chunks wait in for on-demand capacity, and that capacity. Absent where none do. */
  readonly onDemand?: { readonly chunks: QueueDepth; readonly capacity: Capacity } | undefined;
  readonly clock: Clock;
  readonly log: LogEvent;
  readonly jobsPerWorker: number;
  readonly slotsPerWorker: number;
}

/**
 * Raises the fleet's desired capacity to what plans and queues ask for; the one caller of SetDesiredCapacity (invariant 6,
 * docs/adr/0021-one-hand-on-the-capacity.md). Two runs at once do no harm: both only raise, and the next minute corrects a lost race. A
 * halted fleet is left as it is, but for one host to try when its time has come.
 */
export async function orchestrate(deps: OrchestrateDeps): Promise<{ readonly desired: number; readonly raised: boolean }> {
  const now = deps.clock.now();
  const [demanded, chunks, { desired, maximum }, health] = await Promise.all([
    deps.ledger.demandedCapacity(Math.floor(now / 1_000)),
    deps.chunks.read(),
    deps.capacity.read(),
    deps.ledger.fleetHealth(),
  ]);
  const mayLaunch = launchLimit(health, maximum, now);
  const facts = {
    desired,
    maximum: mayLaunch,
    demanded,
    jobBacklog: await jobBacklog(deps.jobs, desired === 0 && mayLaunch > 0),
    chunkBacklog: chunks.visible + chunks.inFlight,
    jobsPerWorker: deps.jobsPerWorker,
    slotsPerWorker: deps.slotsPerWorker,
  };
  const wanted = desiredCapacity(facts);
  const raised = wanted > desired;
  if (raised) await deps.capacity.setDesired(wanted);
  deps.log("info", raised ? "capacity_raised" : "capacity_kept", { ...facts, wanted, ...(health?.halt ?? {}) });
  // of a halted fleet, whose program doesn't start, no host more is tried
  if (deps.onDemand !== undefined && health?.halt === undefined) await raiseOnDemand(deps, deps.onDemand);
  return { desired: wanted, raised };
}

/** One worker for as many of the waiting chunks as it has slots; plans count on none of them. */
async function raiseOnDemand(
  { log, slotsPerWorker }: OrchestrateDeps,
  { capacity, chunks }: NonNullable<OrchestrateDeps["onDemand"]>,
): Promise<void> {
  const { inFlight, visible } = await chunks.read();
  // nobody asks Auto Scaling while nothing waits
  if (visible + inFlight === 0) return;
  const { desired, maximum } = await capacity.read();
  const wanted = Math.min(maximum, Math.ceil((visible + inFlight) / slotsPerWorker));
  if (wanted <= desired) return;
  await capacity.setDesired(wanted);
  log("info", "on_demand_raised", { desired, maximum, chunkBacklog: visible + inFlight, wanted });
}

async function jobBacklog(jobs: JobsQueue, wakes: boolean): Promise<number> {
  if (wakes) return backlogWithoutTestEvents(jobs);
  const { inFlight, visible } = await jobs.read();
  return visible + inFlight;
}
