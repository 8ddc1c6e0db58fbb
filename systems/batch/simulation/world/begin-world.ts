import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { MINUTE, SECOND } from "../../../../kit/simulator/kernel/times";
import { currentVolume, resetVolume } from "../../../../kit/simulator/memory/memory-file-system";
import type { Schedule } from "../../../../kit/simulator/stack/stack-model";
import { watchWaiting } from "./check-on-demand";
import { SCRATCH_DIRECTORY } from "./functions";
import { World } from "./world";
import type { WorldOptions } from "./world-options";

/** A world with a disk of its own. */
export function newWorld(seed: number, stack: EvaluatedStack, options: WorldOptions): World {
  resetVolume();
  currentVolume().makeFolder(SCRATCH_DIRECTORY, true);
  return new World(seed, stack, options);
}

/** Starts what goes on by itself for as long as the world lasts: schedules, alarms, and the instances that the fleet never goes without. */
export function beginWorld(world: World): void {
  const { cloudWatch, deployed, fleet, onDemandFleet } = world;
  for (const schedule of deployed.schedules) repeat(world, schedule);
  noteWaitingJobs(world);
  watchWaiting(world);
  fleet.begin();
  onDemandFleet?.begin();
  cloudWatch?.start();
}

/** Looks each minute whether messages wait in the jobs queue. */
function noteWaitingJobs(world: World): void {
  const { facts, memoryQueues, time } = world;
  time.after(MINUTE, () => {
    if (memoryQueues.jobs.contents.length > 0) facts.jobsWaitedAt = time.now();
    noteWaitingJobs(world);
  });
}

function repeat(world: World, schedule: Schedule): void {
  world.time.after(schedule.everySeconds * SECOND, () => {
    world.events.sendTo(schedule.targets, { source: "aws.events", "detail-type": "Scheduled Event", detail: {} });
    repeat(world, schedule);
  });
}
