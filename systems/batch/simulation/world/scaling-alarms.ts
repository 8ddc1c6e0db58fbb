import type { World } from "./world";
import { MINUTE } from "../../../../kit/simulator/kernel/times";

interface WatchedQueues extends Pick<World, "fleet" | "time" | "trace"> {
  readonly memoryQueues: Pick<World["memoryQueues"], "chunks" | "jobs">;
  readonly facts: { jobsWaitedAt: number };
}

/** A policy that raises the capacity while messages are visible in a queue. */
interface ScalingPolicy {
  readonly queue: "chunks" | "jobs";
  readonly from: number;
  readonly add: number;
}

/** As synthesized where the orchestrator runs: none (__tests__/stack/fleet.test.ts holds it). */
const POLICIES: readonly ScalingPolicy[] = [];

/**
 * Looks at the queues each minute, as CloudWatch's alarms do: while one lasts it repeats its action each time.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
export function watchQueues(world: WatchedQueues): void {
  world.time.after(MINUTE, () => {
    if (world.memoryQueues.jobs.contents.length > 0) world.facts.jobsWaitedAt = world.time.now();
    for (const policy of POLICIES) void raise(world, policy);
    watchQueues(world);
  });
}

async function raise({ fleet, memoryQueues, trace }: WatchedQueues, { add, from, queue }: ScalingPolicy): Promise<void> {
  const { visible } = await memoryQueues[queue].read();
  if (visible < from) return;
  const { desired, maximum } = await fleet.read();
  if (desired >= maximum) return;
  trace.add("cloudwatch", "policy raises", { queue, visible });
  await fleet.setDesired(desired + add);
}
