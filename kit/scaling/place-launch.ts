import type { CapacityPool, InstanceMix, Market } from "./definition";

type Placed = Pick<CapacityPool, "market" | "zone">;

/**
 * The pools where the next instance may be launched, best first: the zone with the fewest instances, the types in their order, the market
 * by the group's shares. Where none of a market has capacity, Auto Scaling doesn't take the other one.
 *
 * @param existing instances that count
 */
export function poolsForLaunch(zones: readonly string[], mix: InstanceMix, existing: readonly Placed[]): CapacityPool[] {
  const market = nextMarket(mix, existing);
  const occupancy = (zone: string): number => existing.filter((each) => each.zone === zone).length;
  const byOccupancy = [...zones].sort((a, b) => occupancy(a) - occupancy(b));
  return byOccupancy.flatMap((zone) => mix.instanceTypes.map((instanceType) => ({ zone, instanceType, market })));
}

/**
 * The base is on demand; above it the share is kept with every instance, rounded up in favour of on demand.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/mixed-instances-groups-instances-distribution.html
 */
export function nextMarket({ onDemandBase, onDemandPercentage }: InstanceMix, existing: readonly Pick<Placed, "market">[]): Market {
  const onDemand = existing.filter(({ market }) => market === "on-demand").length;
  return onDemand < onDemandOf({ onDemandBase, onDemandPercentage }, existing.length + 1) ? "on-demand" : "spot";
}

/** How many of so many instances are on demand. */
export const onDemandOf = ({ onDemandBase, onDemandPercentage }: Omit<InstanceMix, "instanceTypes">, instances: number): number =>
  Math.min(instances, onDemandBase + Math.ceil((Math.max(0, instances - onDemandBase) * onDemandPercentage) / 100));
