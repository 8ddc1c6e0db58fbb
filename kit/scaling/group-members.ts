import { ActivityLog, type Activity } from "./activity";
import type { CapacityPool, LifecycleHook, LifecycleResult } from "./definition";
import { ScalingRefusedError } from "./errors";
import { counts, isPending, type GroupInstance } from "./instance";

/** What a group asks EC2 and others for. */
export type FleetCommand =
  | { readonly kind: "launch"; readonly instance: Readonly<GroupInstance> }
  | { readonly kind: "terminate"; readonly instanceId: string }
  /** Whoever waits for a hook is told. */
  | { readonly kind: "held"; readonly instanceId: string; readonly hook: LifecycleHook };

/** What an instance is launched with. */
export interface LaunchSettings {
  readonly id: string;
  readonly pool: CapacityPool;
  readonly launchTemplateVersion: string;
  readonly isProtected: boolean;
  /** The instance that goes once this one is in service. */
  readonly replaces?: string;
}

interface Ending {
  readonly activity: Activity;
  readonly startsCooldown: boolean;
}

/** What its group says at any time, and is told. */
export interface MembersOwner {
  readonly hooks: () => readonly LifecycleHook[];
  /** An instance that was launched is in service, or one that was to go is gone. */
  readonly onSettled: (now: number) => void;
}

const SECOND = 1_000;

/** The instances of a group, from launch to end, and the activities that tell of it. Times are milliseconds since the epoch. */
export class GroupMembers {
  private readonly members = new Map<string, GroupInstance>();
  private readonly launches = new Map<string, Activity>();
  private readonly endings = new Map<string, Ending>();
  private readonly log = new ActivityLog();
  private commands: FleetCommand[] = [];

  public constructor(private readonly owner: MembersOwner) {}

  public get all(): readonly GroupInstance[] {
    return [...this.members.values()];
  }
  /** What the desired capacity counts: those that come to replace another one are beside it. */
  public get standing(): GroupInstance[] {
    return this.all.filter((each) => counts(each) && each.replaces === undefined);
  }
  public get activities(): readonly Activity[] {
    return this.log.all;
  }
  /** Whether something was begun that has not come to its end. */
  public get isSettling(): boolean {
    return this.launches.size > 0 || this.endings.size > 0;
  }

  public find(instanceId: string): GroupInstance | undefined {
    return this.members.get(instanceId);
  }

  /** @throws ScalingRefusedError */
  public get(instanceId: string): GroupInstance {
    const instance = this.members.get(instanceId);
    if (instance === undefined) throw new ScalingRefusedError("ValidationError", `Instance Id not found: ${instanceId}`);
    return instance;
  }

  /** What was asked for since the last call. */
  public takeCommands(): readonly FleetCommand[] {
    const { commands } = this;
    this.commands = [];
    return commands;
  }

  public launch({ id, isProtected, launchTemplateVersion, pool, replaces }: LaunchSettings, cause: string, now: number): void {
    const instance: GroupInstance = {
      ...pool,
      id,
      launchedAt: now,
      launchTemplateVersion,
      state: "Pending",
      inServiceAt: undefined,
      isProtected,
      isHealthy: true,
      held: undefined,
      replaces,
    };
    this.members.set(id, instance);
    this.launches.set(id, this.log.begin({ instanceId: id, startedAt: now, description: `Launching a new EC2 instance: ${id}`, cause }));
    this.commands.push({ kind: "launch", instance });
  }

  /** A launch for which there is no pool. */
  public tellUnlaunched(cause: string, why: string, now: number): void {
    this.log.end(this.log.begin({ startedAt: now, description: "Launching a new EC2 instance", cause }), now, "Failed", why);
  }

  /** EC2 runs what was launched. */
  public running(instanceId: string, now: number): void {
    const instance = this.members.get(instanceId);
    if (instance?.state === "Pending" && !this.hold(instance, "autoscaling:EC2_INSTANCE_LAUNCHING", now)) this.enterService(instance, now);
  }

  /** EC2 has no capacity for it. @returns its pool */
  public refused(instanceId: string, now: number, why: string): CapacityPool | undefined {
    const instance = this.members.get(instanceId);
    if (instance === undefined) return undefined;
    this.failLaunch(instance, now, why);
    this.remove(instance);
    return instance;
  }

  /** An instance is gone, for no reason of the group's. */
  public lost(instance: GroupInstance, now: number, why: string): void {
    if (!counts(instance)) {
      this.ended(instance.id, now);
      return;
    }
    const description = `Terminating EC2 instance: ${instance.id}`;
    const cause = `it was taken out of service: ${why}`;
    this.failLaunch(instance, now, why);
    this.log.end(this.log.begin({ instanceId: instance.id, startedAt: now, description, cause }), now, "Successful");
    this.remove(instance);
  }

  /** What was to go is gone. */
  public ended(instanceId: string, now: number): void {
    const instance = this.members.get(instanceId);
    if (instance === undefined) return;
    const ending = this.endings.get(instanceId);
    this.remove(instance);
    if (ending === undefined) return;
    this.log.end(ending.activity, now, "Successful");
    if (ending.startsCooldown) this.owner.onSettled(now);
  }

  /** @param startsCooldown whether simple policies wait after it */
  public beginEnd(instance: GroupInstance, now: number, cause: string, startsCooldown = true): void {
    const description = `Terminating EC2 instance: ${instance.id}`;
    this.failLaunch(instance, now, "it was ended before it was in service");
    instance.held = undefined;
    const activity = this.log.begin({ instanceId: instance.id, startedAt: now, description, cause });
    this.endings.set(instance.id, { activity, startsCooldown });
    if (!this.hold(instance, "autoscaling:EC2_INSTANCE_TERMINATING", now)) this.endNow(instance);
  }

  /** Nobody need wait any longer for the hook that holds an instance. */
  public release(instance: GroupInstance, result: LifecycleResult, now: number): void {
    if (instance.held === undefined) return;
    const { hook } = instance.held;
    instance.held = undefined;
    if (hook.transition === "autoscaling:EC2_INSTANCE_LAUNCHING") {
      if (result === "ABANDON") this.beginEnd(instance, now, `its hook ${hook.name} was abandoned`, false);
      else if (!this.hold(instance, hook.transition, now, hook)) this.enterService(instance, now);
      return;
    }
    // of what goes, ABANDON skips the other hooks
    if (result === "ABANDON" || !this.hold(instance, hook.transition, now, hook)) this.endNow(instance);
  }

  /** Hooks that nobody answered for so long. */
  public releaseOverdue(now: number): void {
    for (const instance of this.all) {
      const { held } = instance;
      if (held !== undefined && held.until <= now) this.release(instance, held.hook.defaultResult, now);
    }
  }

  private enterService(instance: GroupInstance, now: number): void {
    instance.state = "InService";
    instance.inServiceAt = now;
    const activity = this.launches.get(instance.id);
    this.launches.delete(instance.id);
    if (activity !== undefined) this.log.end(activity, now, "Successful");
    const replaced = this.members.get(instance.replaces ?? "");
    instance.replaces = undefined;
    if (replaced !== undefined && counts(replaced)) this.beginEnd(replaced, now, `${instance.id} has taken its place`, false);
    this.owner.onSettled(now);
  }

  private endNow(instance: GroupInstance): void {
    instance.state = "Terminating";
    this.commands.push({ kind: "terminate", instanceId: instance.id });
  }

  private failLaunch(instance: GroupInstance, now: number, why: string): void {
    const activity = this.launches.get(instance.id);
    this.launches.delete(instance.id);
    if (activity !== undefined) this.log.end(activity, now, "Failed", why);
  }

  private remove(instance: GroupInstance): void {
    this.members.delete(instance.id);
    this.endings.delete(instance.id);
    for (const other of this.members.values()) if (other.replaces === instance.id) other.replaces = undefined;
  }

  /** @param after the hook that let it go. @default none yet. @returns whether a hook holds it */
  private hold(instance: GroupInstance, transition: LifecycleHook["transition"], now: number, after?: LifecycleHook): boolean {
    const hooks = this.owner.hooks().filter((hook) => hook.transition === transition);
    const hook = hooks[after === undefined ? 0 : hooks.findIndex(({ name }) => name === after.name) + 1];
    if (hook === undefined) return false;
    instance.state = isPending(instance) && transition === "autoscaling:EC2_INSTANCE_LAUNCHING" ? "Pending:Wait" : "Terminating:Wait";
    instance.held = { hook, until: now + hook.heartbeatTimeoutSeconds * SECOND };
    this.commands.push({ kind: "held", instanceId: instance.id, hook });
    return true;
  }
}
