import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { SECOND } from "../../../../kit/simulator/kernel/times";
import { currentVolume, resetVolume } from "../../../../kit/simulator/memory/memory-file-system";
import type { Schedule } from "../../../../kit/simulator/stack/stack-model";
import { SCRATCH_DIRECTORY } from "./functions";
import { watchQueues } from "./scaling-alarms";
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
  const { cloudWatch, deployed, fleet, settings } = world;
  for (const schedule of deployed.schedules) repeat(world, schedule);
  watchQueues(world);
  if (deployed.group.desired > 0) void fleet.setDesired(Math.min(deployed.group.desired, settings.maximumWorkers));
  cloudWatch?.start();
}

function repeat(world: World, schedule: Schedule): void {
  world.time.after(schedule.everySeconds * SECOND, () => {
    world.events.sendTo(schedule.targets, { source: "aws.events", "detail-type": "Scheduled Event", detail: {} });
    repeat(world, schedule);
  });
}
