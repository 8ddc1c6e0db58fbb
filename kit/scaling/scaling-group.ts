import type { Activity } from "./activity";
import { chooseVictim } from "./choose-victim";
import { decide, type AlarmReading, type Decision } from "./decide";
import type { CapacityPool, GroupDefinition, LifecycleResult, ScalingProcess } from "./definition";
import { ScalingRefusedError } from "./errors";
import { GroupMembers, type FleetCommand } from "./group-members";
import { counts, type GroupInstance } from "./instance";
import { poolsForLaunch } from "./place-launch";
import type { ScalingPolicy } from "./policy";

/** A pool that was refused is left alone for so long; then it is asked again, as a group does. */
const REFUSED_MILLISECONDS = 60_000;
const SECOND = 1_000;

/**
 * One Auto Scaling group as a state machine: what it is told, with the time of it (milliseconds since the epoch), changes it; what it asks
 * for comes out of `advance`. Nothing here waits, looks at a clock, or draws.
 *
 * Whoever drives it calls `advance` after everything that was told, and at `nextDue`, and carries out the commands.
 */
export class ScalingGroup {
  private readonly members: GroupMembers;
  /** Until when a pool without capacity is not asked again. */
  private readonly refusals = new Map<string, number>();
  private readonly suspendedProcesses: Set<ScalingProcess>;
  private wanted: number;
  /** Why the desired capacity is what it is. */
  private reason = "the group was made";
  private cooldownSeconds: number;
  private cooldownUntil = Number.NEGATIVE_INFINITY;
  private isWithoutCapacity = false;

  /** @param newId names the instances */
  public constructor(
    private definition: GroupDefinition,
    private readonly newId: () => string,
  ) {
    this.wanted = definition.desired;
    this.cooldownSeconds = definition.defaultCooldownSeconds;
    this.suspendedProcesses = new Set(definition.suspended);
    this.members = new GroupMembers({
      hooks: () => this.definition.hooks,
      // a cooldown begins when the last instance came or went
      onSettled: (now) => {
        if (!this.members.isSettling) this.cooldownUntil = now + this.cooldownSeconds * SECOND;
      },
    });
  }

  public get name(): string {
    return this.definition.name;
  }
  public get desired(): number {
    return this.wanted;
  }
  public get settings(): GroupDefinition {
    return this.definition;
  }
  public get suspended(): readonly ScalingProcess[] {
    return [...this.suspendedProcesses];
  }
  public get instances(): readonly Readonly<GroupInstance>[] {
    return this.members.all;
  }
  /** The latest last. */
  public get activities(): readonly Readonly<Activity>[] {
    return this.members.activities;
  }

  /** @throws ScalingRefusedError for a desired capacity out of the bounds */
  public update(changes: Partial<GroupDefinition>, now: number, reason = "the group was changed"): void {
    const next = { ...this.definition, ...changes };
    const { maximum, minimum } = next;
    if (minimum > maximum) throw new ScalingRefusedError("ValidationError", `the minimum ${minimum} is above the maximum ${maximum}`);
    if (changes.desired !== undefined) checkBounds(changes.desired, next);
    this.definition = next;
    this.want(Math.max(minimum, Math.min(maximum, changes.desired ?? this.wanted)), now, reason);
  }

  /** @throws ScalingRefusedError */
  public setDesired(capacity: number, now: number, { honorsCooldown = false, reason = "somebody set it" } = {}): void {
    checkBounds(capacity, this.definition);
    if (honorsCooldown && now < this.cooldownUntil)
      throw new ScalingRefusedError("ScalingActivityInProgress", "the group's cooldown is not over");
    this.want(capacity, now, reason);
  }

  /** An alarm asks for what a policy says. */
  public execute(policy: ScalingPolicy, reading: AlarmReading, now: number, alarmName: string): Decision {
    if (this.suspendedProcesses.has("AlarmNotification")) return { kind: "keep", why: "AlarmNotification is suspended" };
    const { maximum, minimum } = this.definition;
    const isCoolingDown = now < this.cooldownUntil || this.members.isSettling;
    const facts = { desired: this.wanted, minimum, maximum, warming: this.warming(policy, now), isCoolingDown };
    const decision = decide(policy, facts, reading);
    if (decision.kind === "set") {
      const cooldownSeconds = policy.kind === "simple" ? policy.cooldownSeconds : undefined;
      this.want(decision.desired, now, `the alarm ${alarmName} asked for the policy ${policy.name}`, cooldownSeconds);
    }
    return decision;
  }

  /** Ends an instance, whatever protects it. @throws ScalingRefusedError */
  public terminate(
    instanceId: string,
    now: number,
    { lowersDesired, reason = "somebody asked for it" }: { readonly lowersDesired: boolean; readonly reason?: string },
  ): void {
    const instance = this.members.get(instanceId);
    if (!counts(instance)) return;
    if (lowersDesired) {
      const { minimum } = this.definition;
      if (this.wanted <= minimum)
        throw new ScalingRefusedError(
          "ValidationError",
          `the desired capacity ${this.wanted} can't be lowered below the minimum size ${minimum}`,
        );
      this.wanted -= 1;
    }
    this.members.beginEnd(instance, now, reason);
  }

  /** @throws ScalingRefusedError */
  public protect(instanceId: string, isProtected: boolean): void {
    this.members.get(instanceId).isProtected = isProtected;
  }

  public suspend(processes: readonly ScalingProcess[]): void {
    for (const process of processes) this.suspendedProcesses.add(process);
  }
  public resume(processes: readonly ScalingProcess[]): void {
    for (const process of processes) this.suspendedProcesses.delete(process);
  }

  /** @throws ScalingRefusedError when that hook doesn't hold the instance */
  public completeHook(instanceId: string, hookName: string, result: LifecycleResult, now: number): void {
    this.members.release(this.heldBy(instanceId, hookName), result, now);
  }

  /** Asks for more time. @throws ScalingRefusedError when that hook doesn't hold the instance */
  public heartbeat(instanceId: string, hookName: string, now: number): void {
    const { held } = this.heldBy(instanceId, hookName);
    if (held !== undefined) held.until = now + held.hook.heartbeatTimeoutSeconds * SECOND;
  }

  /** EC2 runs what was launched. */
  public running(instanceId: string, now: number): void {
    this.members.running(instanceId, now);
  }

  /** EC2 has no capacity in the pool of an instance; another one is tried. */
  public refused(instanceId: string, now: number, why: string): void {
    const pool = this.members.refused(instanceId, now, why);
    if (pool !== undefined) this.refusals.set(poolKey(pool), now + REFUSED_MILLISECONDS);
  }

  /** An instance is gone or ill, for no reason of the group's. */
  public lost(instanceId: string, now: number, why: string): void {
    const instance = this.members.find(instanceId);
    if (instance === undefined) return;
    instance.isHealthy = false;
    const isUnnoticed = this.suspendedProcesses.has("HealthCheck") || this.suspendedProcesses.has("ReplaceUnhealthy");
    if (!isUnnoticed || !counts(instance)) this.members.lost(instance, now, why);
  }

  /** What was asked for has come: the instance is no more. */
  public ended(instanceId: string, now: number): void {
    this.members.ended(instanceId, now);
  }

  /** EC2 recommends to replace a spot instance, before any notice. */
  public rebalanceRecommended(instanceId: string, now: number): void {
    const instance = this.members.find(instanceId);
    if (instance === undefined || !this.definition.capacityRebalance || !counts(instance)) return;
    this.launch(now, `a rebalance recommendation for ${instanceId}`, { replaces: instance });
  }

  /** Does whatever is due. @returns what was asked for since the last call */
  public advance(now: number): readonly FleetCommand[] {
    this.members.releaseOverdue(now);
    for (const [pool, until] of this.refusals) if (until <= now) this.refusals.delete(pool);
    this.fill(now);
    this.shrink(now);
    this.balanceZones(now);
    return this.members.takeCommands();
  }

  /** When `advance` has something to do although nothing was told. undefined: never */
  public nextDue(): number | undefined {
    const times = [...this.members.all.flatMap(({ held }) => held?.until ?? []), ...this.refusals.values()];
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private want(desired: number, now: number, reason: string, cooldownSeconds = this.definition.defaultCooldownSeconds): void {
    if (desired === this.wanted) return;
    this.reason = `at ${new Date(now).toISOString()} ${reason}, which changed the desired capacity from ${this.wanted} to ${desired}`;
    this.wanted = desired;
    this.cooldownSeconds = cooldownSeconds;
  }

  private heldBy(instanceId: string, hookName: string): GroupInstance {
    const instance = this.members.get(instanceId);
    if (instance.held?.hook.name === hookName) return instance;
    throw new ScalingRefusedError("ValidationError", `no lifecycle hook ${hookName} holds ${instanceId}`);
  }

  /** Of what is wanted, those that are not in service for as long as they warm up. */
  private warming(policy: ScalingPolicy, now: number): number {
    const { defaultCooldownSeconds, warmUpSeconds = defaultCooldownSeconds } = this.definition;
    const seconds = (policy.kind === "simple" ? undefined : policy.warmUpSeconds) ?? warmUpSeconds;
    const warm = this.members.all.filter(
      (each) => counts(each) && each.inServiceAt !== undefined && each.inServiceAt + seconds * SECOND <= now,
    );
    return Math.max(0, this.wanted - warm.length);
  }

  private fill(now: number): void {
    if (this.suspendedProcesses.has("Launch")) return;
    while (this.members.standing.length < this.wanted) if (!this.launch(now, this.reason)) return;
  }

  /** @returns false where no pool has capacity, which is told once for as long as it lasts */
  private launch(
    now: number,
    cause: string,
    { replaces, zones }: { readonly replaces?: GroupInstance; readonly zones?: readonly string[] } = {},
  ): boolean {
    const { launchTemplateVersion, mix, protectsNewInstances } = this.definition;
    const existing = this.members.all.filter((each) => counts(each) && each !== replaces);
    const pool = poolsForLaunch(zones ?? this.definition.zones, mix, existing).find((each) => !this.refusals.has(poolKey(each)));
    if (pool === undefined) {
      if (!this.isWithoutCapacity)
        this.members.tellUnlaunched(cause, "no pool of the group has capacity; they are asked again each minute", now);
      this.isWithoutCapacity = true;
      return false;
    }
    this.isWithoutCapacity = false;
    const settings = { id: this.newId(), pool, launchTemplateVersion, isProtected: protectsNewInstances };
    this.members.launch({ ...settings, ...(replaces === undefined ? {} : { replaces: replaces.id }) }, cause, now);
    return true;
  }

  private shrink(now: number): void {
    if (this.suspendedProcesses.has("Terminate")) return;
    for (let { standing } = this.members; standing.length > this.wanted; { standing } = this.members) {
      const victim = chooseVictim(this.definition, standing, now);
      if (victim === undefined) return;
      this.members.beginEnd(victim, now, this.reason);
    }
  }

  /** Launches in the zone with fewest before it ends one in the zone with most. */
  private balanceZones(now: number): void {
    const isOff = (["AZRebalance", "Launch", "Terminate"] as const).some((process) => this.suspendedProcesses.has(process));
    if (isOff || this.members.isSettling) return;
    const { standing } = this.members;
    const sizes = this.definition.zones.map((zone) => ({ zone, size: standing.filter((each) => each.zone === zone).length }));
    const [least, most] = [sizes.reduce((a, b) => (b.size < a.size ? b : a)), sizes.reduce((a, b) => (b.size > a.size ? b : a))];
    if (most.size - least.size < 2) return;
    const inZone = standing.filter(({ zone }) => zone === most.zone);
    const replaces = chooseVictim(this.definition, inZone, now);
    if (replaces === undefined) return;
    this.launch(now, `the zones were out of balance: ${most.zone} had ${most.size}, ${least.zone} ${least.size}`, {
      replaces,
      zones: [least.zone],
    });
  }
}

function checkBounds(capacity: number, { maximum, minimum }: Pick<GroupDefinition, "maximum" | "minimum">): void {
  if (capacity < minimum || capacity > maximum)
    throw new ScalingRefusedError(
      "ValidationError",
      `the desired capacity ${capacity} is not between the minimum ${minimum} and the maximum ${maximum}`,
    );
}

const poolKey = ({ instanceType, market, zone }: CapacityPool): string => `${zone} ${instanceType} ${market}`;
