import { runWorker, type WorkerSettings } from "../../../../worker/compose";
import { present } from "../../../../kit/lib/present";
import type { ScaledGroup } from "../../../../kit/scaling/auto-scaling";
import type { ProcessWorld, SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { checkRetired } from "./check-retired";
import type { Ec2Limits } from "./ec2";
import { Fleet, type GroupDecisions } from "./fleet";
import { retirementOf, terminationOf } from "./fleet-calls";
import { HeldMessages } from "./held-messages";
import type { Instance } from "./instance";
import { workerLogs } from "./process-logs";
import type { World } from "./world";
import { workerSettingsOf } from "./worker-settings";
import { portsOf } from "./world-ports";

/** The fleet of a world: its group as it is deployed, with an eye on what it does. */
export const fleetOf = (world: World, processes: ProcessWorld): Fleet =>
  watchedFleet(world, processes, {
    scaled: world.deployed.fleet,
    serves: "all",
    limits: {
      startsFrom: () => world.limits.hostsStartFrom,
      available: () => world.limits.spotCapacity,
      isSpotShort: () => world.limits.isSpotShort,
    },
    decisions: world.scaling,
  });

/** Its on-demand capacity for chunks that spot capacity keeps losing; undefined where it has none. */
export function onDemandFleetOf(world: World, processes: ProcessWorld): Fleet | undefined {
  const { onDemandFleet: scaled } = world.deployed;
  if (scaled === undefined) return undefined;
  const limits: Ec2Limits = {
    startsFrom: () => world.limits.hostsStartFrom,
    available: () => (world.limits.isOnDemandShort && !world.faults.haveCeased ? 0 : Number.POSITIVE_INFINITY),
  };
  return watchedFleet(world, processes, { scaled, serves: "on-demand", limits, decisions: world.onDemandScaling, idPrefix: "o-" });
}

interface WatchedFleet {
  readonly scaled: ScaledGroup;
  readonly serves: NonNullable<WorkerSettings["serves"]>;
  readonly limits: Ec2Limits;
  readonly decisions: GroupDecisions;
  readonly idPrefix?: string;
}

function watchedFleet(world: World, processes: ProcessWorld, { decisions, idPrefix, limits, scaled, serves }: WatchedFleet): Fleet {
  const fleet: Fleet = new Fleet(
    processes,
    scaled,
    limits,
    {
      runWorker: (process, instance, stop) => runWorkerOf(world, fleet, serves, process, instance, stop),
      onInterruption: (instanceId) => {
        world.events.emit({
          source: "aws.ec2",
          "detail-type": "EC2 Spot Instance Interruption Warning",
          time: new Date(world.time.now()).toISOString(),
          detail: { "instance-id": instanceId, "instance-action": "terminate" },
        });
      },
      onRebalanceRecommendation: (instanceId) => {
        world.events.emit({
          source: "aws.ec2",
          "detail-type": "EC2 Instance Rebalance Recommendation",
          time: new Date(world.time.now()).toISOString(),
          detail: { "instance-id": instanceId },
        });
      },
      onLoss: (worker, until) => {
        world.facts.lost(worker, until);
      },
      onClockStepped: (worker) => {
        world.facts.clockStepped(worker);
      },
      onNeverStarts: () => {
        // as constructs/compute/report-failed-start.ts has a host say it
        world.services.addLine?.(workerLogs(world.deployed), { level: "error", event: "worker_start_failed", fields: {} });
      },
      onLiveReplaced: ({ id }) => {
        world.facts.violate(6, `${id} was replaced as silent although it does not hang`);
      },
      onKeptWaiting: ({ id }) => {
        world.facts.violate(6, `${id} was paid for until its group waited no more, although its worker had retired`);
      },
      onRetired: (instance) => {
        checkRetired(instance, { rows: world.rows, facts: world.facts, history: world.services.history, now: world.time.now() });
      },
      decisions,
    },
    idPrefix,
  );
  return fleet;
}

/** Starts the worker that ships on an instance. */
function runWorkerOf(
  world: World,
  fleet: Fleet,
  serves: WatchedFleet["serves"],
  process: SimProcess,
  instance: Instance,
  stop: AbortSignal,
): Promise<"stopped" | "retired"> {
  const { deployed, services, time } = world;
  const ports = portsOf(process, services, instance.id, workerLogs(deployed));
  const held = new HeldMessages(() => time.now());
  instance.held = held;
  const { onDemandChunks, ...queues } = ports.queues;
  const chunks = serves === "all" ? queues.chunks : present(onDemandChunks, "the queue of on-demand capacity");
  return runWorker(
    {
      ...ports,
      queues: {
        ...queues,
        chunks: held.watch(chunks),
        jobs: held.watch(queues.jobs),
        ...(serves === "all" && onDemandChunks !== undefined ? { onDemandChunks } : {}),
      },
      decompressor: syncDecompressor,
      spotNotices: fleet.noticesOf(instance),
      recommendations: fleet.noticesOf(instance),
      termination: terminationOf(process, fleet.terminationOf(instance)),
      ...(deployed.isOrchestrated ? { retirement: retirementOf(process, fleet.retirementOf(instance)) } : {}),
    },
    workerSettingsOf(world, instance, serves),
    stop,
  );
}
