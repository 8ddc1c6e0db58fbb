import type { World } from "./world";
import { MINUTE } from "./settings";

/** A policy that raises the capacity while messages are visible in a queue. */
interface ScalingPolicy {
  readonly queue: "chunks" | "jobs";
  readonly from: number;
  readonly add: number;
}

/** As synthesized where the orchestrator runs: none (__tests__/stack/fleet.test.ts holds it). */
const POLICIES: readonly ScalingPolicy[] = [];

/**
 * CloudWatch's alarms on the queues: while one lasts it repeats its action each minute.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export function watchQueues(world: World): void {
  world.time.after(MINUTE, () => {
    for (const policy of POLICIES) void raise(world, policy);
    watchQueues(world);
  });
}

async function raise({ fleet, memoryQueues, trace }: World, { add, from, queue }: ScalingPolicy): Promise<void> {
  const { visible } = await memoryQueues[queue].read();
  if (visible < from) return;
  const { desired, maximum } = await fleet.read();
  if (desired >= maximum) return;
  trace.add("cloudwatch", "policy raises", { queue, visible });
  await fleet.setDesired(desired + add);
}
