import { onDemandOf } from "./place-launch";
import type { GroupDefinition, TerminationPolicy } from "./definition";
import type { GroupInstance } from "./instance";

/** Those that order instances by themselves. */
type OrderingPolicy = Exclude<TerminationPolicy, "Default">;

const HOUR_MILLISECONDS = 3_600_000;

/**
 * The instance that goes first when a group shrinks: of the zone with most that has one which is not protected; of the market that has more
 * than its share; then by the group's policies in their order, and the oldest of those that are alike.
 *
 * @param instances that count
 * @returns undefined when all that are in service are protected
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html
 */
export function chooseVictim(
  { launchTemplateVersion, mix, terminationPolicies }: Pick<GroupDefinition, "launchTemplateVersion" | "mix" | "terminationPolicies">,
  instances: readonly GroupInstance[],
  now: number,
): GroupInstance | undefined {
  const candidates = instances.filter(({ isProtected, state }) => state === "InService" && !isProtected);
  const occupancy = (zone: string): number => instances.filter((each) => each.zone === zone).length;
  const most = Math.max(...candidates.map(({ zone }) => occupancy(zone)));
  const inZone = candidates.filter(({ zone }) => occupancy(zone) === most);
  const surplusMarket =
    instances.filter(({ market }) => market === "on-demand").length > onDemandOf(mix, instances.length - 1) ? "on-demand" : "spot";
  const inMarket = inZone.filter(({ market }) => market === surplusMarket);
  const policies = terminationPolicies.flatMap((policy): OrderingPolicy[] =>
    policy === "Default" ? ["OldestLaunchTemplate", "ClosestToNextInstanceHour"] : [policy],
  );
  const rank = (instance: GroupInstance): number[] => [
    ...policies.map((policy) => RANKS[policy](instance, { launchTemplateVersion, now })),
    instance.launchedAt,
  ];
  return [...(inMarket.length > 0 ? inMarket : inZone)].sort((a, b) => compare(rank(a), rank(b)))[0];
}

/** The less, the sooner an instance goes. */
const RANKS: Readonly<
  Record<OrderingPolicy, (instance: GroupInstance, group: { readonly launchTemplateVersion: string; readonly now: number }) => number>
> = {
  NewestInstance: ({ launchedAt }) => -launchedAt,
  OldestInstance: ({ launchedAt }) => launchedAt,
  // of another version than the newest: which of several older ones is the oldest, their age tells
  OldestLaunchTemplate: (instance, group) => (instance.launchTemplateVersion === group.launchTemplateVersion ? 1 : 0),
  ClosestToNextInstanceHour: ({ launchedAt }, { now }) => HOUR_MILLISECONDS - ((now - launchedAt) % HOUR_MILLISECONDS),
};

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
