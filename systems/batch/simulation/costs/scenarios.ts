import { estimateFleet } from "../../core/pricing/estimate";
import { SPOT_WORKER_SECOND } from "../../../../kit/lib/prices";
import { DEMAND_FACTOR } from "../../core/planning/plan";
import { SECOND, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import type { ScalingPolicy } from "../../../../kit/scaling/policy";
import { completeTermination } from "../../../../worker/termination";
import { SmallFleet } from "./small-fleet";

/** A month of 30 days, in milliseconds. */
const MONTH = 30 * 24 * 3_600_000;
const IDLE_MILLISECONDS = 300 * SECOND;

/** What a scenario costs in US dollars, and what it was planned to. */
export interface ScenarioCost {
  readonly instanceHours: number;
  readonly costUsd: number;
  readonly plannedUsd?: number;
}

const paid = (instanceHours: number): ScenarioCost => ({ instanceHours, costUsd: instanceHours * 3_600 * SPOT_WORKER_SECOND });

/**
 * A month in which no host starts and one upload waits.
 *
 * @param policy of the group, beside the orchestrator. @default none
 */
export async function fleetThatCannotStart(maximum: number, policy?: ScalingPolicy): Promise<ScenarioCost> {
  const world = new SmallFleet({
    maximum,
    ...(policy === undefined ? {} : { policy }),
    slotsPerWorker: 2,
    startsFrom: Number.POSITIVE_INFINITY,
    runWorker: () => new Promise(() => undefined),
  });
  const upload = (): void => {
    void world.jobs.send(['{"Records":[]}']);
  };
  upload();
  // somebody tries again each day: a message does not outlive its retention
  for (let day = 1; day < 30; day += 1) world.time.after(day * 86_400 * SECOND, upload);
  return paid(await world.hoursUntil(() => false, MONTH));
}

export interface MidSizeBatch {
  readonly chunks: number;
  readonly secondsPerChunk: number;
  readonly slotsPerWorker: number;
  readonly maximum: number;
  readonly fleetConcurrency: number;
}

/** A batch on a cold fleet, from its plan until the last worker has retired. */
export async function midSizeBatch({
  chunks,
  fleetConcurrency,
  maximum,
  secondsPerChunk,
  slotsPerWorker,
}: MidSizeBatch): Promise<ScenarioCost> {
  const slotSeconds = chunks * secondsPerChunk;
  // as systems/batch/core/planning/choose-route.ts: a minute of work for each slot
  const workers = Math.min(maximum, Math.max(1, Math.ceil(slotSeconds / (60 * slotsPerWorker))));
  const work = { splitCount: chunks, chunkCount: chunks, partialCount: chunks, slotSeconds, largestChunkSeconds: secondsPerChunk };
  const estimate = estimateFleet(work, { workers, slotsPerWorker });

  const state = { sent: 0, taken: 0, done: 0 };
  const world: SmallFleet = new SmallFleet({
    maximum,
    slotsPerWorker,
    startsFrom: START_MILLISECONDS,
    runWorker: async (_process, instance) => {
      const slot = async (): Promise<void> => {
        for (let idle = 0; idle < IDLE_MILLISECONDS;) {
          const [message] = await world.chunks.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 3_600 });
          if (message === undefined) {
            await world.time.sleep(SECOND);
            idle += SECOND;
            continue;
          }
          idle = 0;
          await world.time.sleep(secondsPerChunk * SECOND);
          await world.chunks.delete([message]);
          state.done += 1;
          if (state.done === chunks) await world.ledger.withdrawDemand("batch");
        }
      };
      await Promise.all(Array.from({ length: slotsPerWorker }, slot));
      await world.fleet.retirementOf(instance).retire();
      const { clock, log } = { clock: world.time, log: () => undefined };
      await completeTermination({ clock, log, termination: world.fleet.terminationOf(instance) }, new AbortController().signal);
      return "retired";
    },
  });
  const send = (): void => {
    // a child waits for each message; a map starts a hundred in a second
    const free = Math.min(chunks - state.sent, fleetConcurrency - (state.sent - state.done), 100);
    state.sent += Math.max(0, free);
    if (free > 0) void world.chunks.send(Array.from({ length: free }, () => "chunk"));
    if (state.sent < chunks) world.time.after(SECOND, send);
  };
  await world.ledger.putDemand("batch", {
    capacity: workers,
    untilEpochSeconds: Math.ceil(world.time.now() / SECOND + DEMAND_FACTOR * estimate.seconds),
  });
  world.time.after(0, () => {
    void world.orchestrate();
    send();
  });
  const hours = await world.hoursUntil(() => state.done === chunks && world.fleet.size === 0, 24 * 3_600 * SECOND);
  return { ...paid(hours), plannedUsd: workers * (estimate.seconds + IDLE_MILLISECONDS / SECOND) * SPOT_WORKER_SECOND };
}
