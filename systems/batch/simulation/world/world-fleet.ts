import { BoundWorkload } from "../../../../workloads/bound-workload";
import { wordCount } from "../../../../workloads/word-count/workload";
import { runWorker } from "../../../../worker/compose";
import type { ProcessWorld, SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { syncDecompressor } from "../../../../kit/simulator/memory/sync-decompressor";
import { checkRetired } from "./check-retired";
import { Fleet } from "./fleet";
import { retirementOf } from "./fleet-calls";
import { COUNTER_MEMORY_BYTES, DECOMPRESSION_LIMIT_BYTES, groupLimitsOf } from "./function-settings";
import { SCRATCH_DIRECTORY } from "./functions";
import { HeldMessages } from "./held-messages";
import type { Instance } from "./instance";
import { workerLogs } from "./process-logs";
import { MINIMUM_WORD_LENGTH } from "./sim-files";
import type { World } from "./world";
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
      onRetired: (instance) => {
        checkRetired(instance, { rows: world.rows, facts: world.facts, history: world.services.history, now: world.time.now() });
      },
      decisions: world.scaling,
    },
  );
}

/** Starts the worker that ships on an instance. */
function runWorkerOf(world: World, process: SimProcess, instance: Instance, stop: AbortSignal): Promise<"stopped" | "retired"> {
  const { idleSeconds, leaseSeconds, progressTimeoutSeconds, slots, top } = world.settings;
  const isOwnMaster = world.deployed.isOrchestrated;
  const ports = portsOf(process, world.services, instance.id, workerLogs(world.deployed));
  const held = new HeldMessages(() => world.time.now());
  instance.held = held;
  return runWorker(
    {
      ...ports,
      queues: { ...ports.queues, chunks: held.watch(ports.queues.chunks), jobs: held.watch(ports.queues.jobs) },
      decompressor: syncDecompressor,
      spotNotices: world.fleet.noticesOf(instance),
      ...(isOwnMaster ? { retirement: retirementOf(process, world.fleet.retirementOf(instance)) } : {}),
    },
    {
      workerId: instance.id,
      host: { version: instance.version, bootedAt: instance.bootedAt ?? world.time.now() },
      slots,
      leaseSeconds,
      progressTimeoutSeconds,
      ...(isOwnMaster ? { idleSeconds } : {}),
      counterMemoryBytes: COUNTER_MEMORY_BYTES,
      decompressionLimitBytes: DECOMPRESSION_LIMIT_BYTES,
      directory: SCRATCH_DIRECTORY,
      uploadWorkload: BoundWorkload.of(wordCount.name, { minimumWordLength: MINIMUM_WORD_LENGTH, top, encoding: "auto" }),
      stateBucket: world.names.state,
      groupLimits: groupLimitsOf(world.settings),
    },
    stop,
  );
}
