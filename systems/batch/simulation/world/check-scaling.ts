import type { GroupInstance } from "../../../../kit/scaling/instance";
import { counts } from "../../../../kit/scaling/instance";
import type { ScalingGroup } from "../../../../kit/scaling/scaling-group";
import { MINUTE } from "../../../../kit/simulator/kernel/times";
import { checkLaunch } from "./check-cost";
import { claimsOf } from "./check-retired";
import type { GroupDecisions } from "./fleet";
import type { Instance } from "./instance";
import type { World } from "./world";

/** Until a group asks a pool again that was refused (kit/scaling/scaling-group.ts). */
const REFUSED_MILLISECONDS = MINUTE;

/**
 * What holds of a group's own decisions at every moment: no worker is ended by them that has something under way, but where the group has
 * the scaling it was given (invariant 6); its capacity stays within its bounds; what it launches comes to the zone that has fewest.
 */
export class ScalingCheck implements GroupDecisions {
  /** Instances that the group launched, and those that it ended by itself; of those, workers that were busy. */
  public readonly seen = { launched: 0, ended: 0, busy: 0 };
  private refusedAt = Number.NEGATIVE_INFINITY;

  /** @param groupOf the group that it is about, which is made after it */
  public constructor(
    private readonly world: World,
    private readonly groupOf: () => ScalingGroup,
  ) {}

  private get group(): ScalingGroup {
    return this.groupOf();
  }

  public ended(instance: Instance): void {
    const { deployed, facts, rows, services, time, trace } = this.world;
    const isRunning = instance.process?.isAlive === true && !instance.isStuck;
    const held = instance.held?.isHolding === true ? ["messages"] : [];
    const busy = isRunning ? [...held, ...claimsOf(instance, { rows, facts, history: services.history, now: time.now() })] : [];
    this.seen.ended += 1;
    if (busy.length === 0) return;
    this.seen.busy += 1;
    trace.add("fleet", "ended while busy", { instance: instance.id, busy });
    if (deployed.isOrchestrated) facts.violate(6, `${instance.id} was ended by its group while it held ${busy.join(", ")}`);
  }

  public launched(instanceId: string): void {
    this.seen.launched += 1;
    const { facts, time } = this.world;
    // where pools were refused, it takes what there is
    if (time.now() - this.refusedAt <= REFUSED_MILLISECONDS) return;
    const instance = this.group.instances.find(({ id }) => id === instanceId);
    if (instance === undefined) return;
    const others = this.group.instances.filter((each) => counts(each) && each.id !== instanceId && each.id !== instance.replaces);
    const fewest = Math.min(...this.group.settings.zones.map((zone) => inZone(others, zone)));
    const before = inZone(others, instance.zone);
    if (before > fewest)
      facts.violate(6, `${instanceId} was launched in ${instance.zone}, which had ${before} instances; another zone had ${fewest}`);
  }

  public refused(): void {
    this.refusedAt = this.world.time.now();
  }

  public scaled(before: number, after: number): void {
    if (this.world.deployed.isOrchestrated) checkLaunch(this.world, before, after);
  }

  public settled(): void {
    const { desired, settings } = this.group;
    const { maximum, minimum } = settings;
    const standing = this.group.instances.filter((each) => counts(each) && each.replaces === undefined).length;
    if (desired < minimum || desired > maximum || standing > maximum)
      this.world.facts.violate(
        6,
        `the group wants ${desired} instances and has ${standing}; its minimum is ${minimum}, its maximum ${maximum}`,
      );
  }
}

const inZone = (instances: readonly Readonly<GroupInstance>[], zone: string): number =>
  instances.filter((each) => each.zone === zone).length;
