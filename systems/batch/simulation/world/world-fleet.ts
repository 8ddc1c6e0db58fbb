import { runWorker } from "../../../../worker/compose";
import type { ProcessWorld, SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { checkRetired } from "./check-retired";
import { Fleet } from "./fleet";
import { retirementOf, terminationOf } from "./fleet-calls";
import { HeldMessages } from "./held-messages";
import type { Instance } from "./instance";
import { workerLogs } from "./process-logs";
import type { World } from "./world";
import { workerSettingsOf } from "./worker-settings";
import { portsOf } from "./world-ports";

/** The fleet of a world: its group as it is deployed, with an eye on what it does. */
export function fleetOf(world: World, processes: ProcessWorld): Fleet {
  return new Fleet(
    processes,
    world.deployed.fleet,
    { startsFrom: () => world.limits.hostsStartFrom, available: () => world.limits.spotCapacity },
    {
      runWorker: (process, instance, stop) => runWorkerOf(world, process, instance, stop),
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
      decisions: world.scaling,
    },
  );
}

/** Starts the worker that ships on an instance. */
function runWorkerOf(world: World, process: SimProcess, instance: Instance, stop: AbortSignal): Promise<"stopped" | "retired"> {
  const { deployed, fleet, services, time } = world;
  const ports = portsOf(process, services, instance.id, workerLogs(deployed));
  const held = new HeldMessages(() => time.now());
  instance.held = held;
  return runWorker(
    {
      ...ports,
      queues: { ...ports.queues, chunks: held.watch(ports.queues.chunks), jobs: held.watch(ports.queues.jobs) },
      decompressor: syncDecompressor,
      spotNotices: fleet.noticesOf(instance),
      recommendations: fleet.noticesOf(instance),
      termination: terminationOf(process, fleet.terminationOf(instance)),
      ...(deployed.isOrchestrated ? { retirement: retirementOf(process, fleet.retirementOf(instance)) } : {}),
    },
    workerSettingsOf(world, instance),
    stop,
  );
}
