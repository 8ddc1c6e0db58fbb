import type { Capacity, Hosts, Retirement, Termination } from "../../../../kit/ports/capacity";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";
import { present } from "../../../../kit/lib/present";
import type { Fleet } from "./fleet";
import { checkLaunch } from "./check-cost";
import type { World } from "./world";

/** Auto Scaling as one worker reaches it. */
export const retirementOf = (process: SimProcess, retirement: Retirement): Retirement => ({
  retire: () => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => retirement.retire()),
  replace: () => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => retirement.replace()),
});

/** What an instance is told of its end, and what its worker says of it. */
export const terminationOf = (process: SimProcess, termination: Termination): Termination => ({
  isDue: () => termination.isDue(),
  complete: () => process.call("autoscaling", "CompleteLifecycleAction", () => termination.complete()),
});

/** Auto Scaling as one function reaches it, about one of the groups; an instance is found in whichever it is. */
export function capacityOf(process: SimProcess, world: World, resource: "group" | "onDemandGroup"): Capacity & Hosts {
  const fleet = resource === "group" ? world.fleet : present(world.onDemandFleet, "the group of on-demand capacity");
  const ownerOf = (id: string): Fleet => (world.onDemandFleet?.owns(id) === true ? world.onDemandFleet : world.fleet);
  return {
    inService: () => process.call("autoscaling", "DescribeAutoScalingGroups", () => fleet.inService()),
    end: (id) => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => ownerOf(id).end(id)),
    replace: (id) => process.call("autoscaling", "TerminateInstanceInAutoScalingGroup", () => ownerOf(id).replace(id)),
    read: () => process.call("autoscaling", "DescribeAutoScalingGroups", () => fleet.read()),
    setDesired: (capacity) =>
      process.call("autoscaling", "SetDesiredCapacity", async () => {
        // no plan counts on on-demand capacity
        if (resource === "group") checkLaunch(world, (await fleet.read()).desired, capacity);
        await fleet.setDesired(capacity);
      }),
  };
}
