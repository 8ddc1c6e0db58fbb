import type { Capacity, Hosts, Retirement, Termination } from "../../../../kit/ports/capacity";
import type { RebalanceRecommendations, SpotNotices } from "../../../../kit/ports/spot-notices";
import { AutoScaling, type PolicyAction, type ScaledGroup } from "../../../../kit/scaling/auto-scaling";
import { isNotNow, isUnknownInstance, ScalingRefusedError } from "../../../../kit/scaling/errors";
import type { FleetCommand } from "../../../../kit/scaling/group-members";
import { counts } from "../../../../kit/scaling/instance";
import type { ScalingGroup } from "../../../../kit/scaling/scaling-group";
import type { GroupFigures } from "../../../../kit/simulator/cloudwatch/group-metrics";
import type { PlannedEvent } from "../../../../kit/simulator/kernel/event-heap";
import { SECOND } from "../../../../kit/simulator/kernel/times";
import type { ProcessWorld } from "../../../../kit/simulator/kernel/sim-process";
import { Ec2, type Ec2Hooks, type Ec2Limits } from "./ec2";
import { couldSpeak, type Instance } from "./instance";
import type { PaidTimes } from "./paid-times";

/** What a group decides by itself. */
export interface GroupDecisions {
  /** EC2 takes a launch. */
  readonly launched: (instanceId: string) => void;
  /** EC2 refuses one. */
  readonly refused: () => void;
  /** An instance is ended, and neither its worker nor anybody else asked for it. */
  readonly ended: (instance: Instance) => void;
  /** An alarm has changed the desired capacity. */
  readonly scaled: (before: number, after: number) => void;
  /** All that was to be decided is, or nothing was. */
  readonly settled: () => void;
}

export interface FleetHooks extends Ec2Hooks {
  /** An instance is ended because its worker asked for it, or said that its group need not wait any more. */
  readonly onRetired: (instance: Instance) => void;
  /** The group waited its whole time for a worker that had asked for its instance's end, and works by its own account. */
  readonly onKeptWaiting: (instance: Instance) => void;
  /** An instance was ended for want of signs of life, although it does not hang. */
  readonly onLiveReplaced: (instance: Instance) => void;
  /** Told of what the group decides. @default nobody looks */
  readonly decisions?: GroupDecisions;
}

/** The fleet: an Auto Scaling group as it is deployed, which decides, and EC2, which carries it out. */
export class Fleet implements Capacity, Hosts {
  /** As it is in Auto Scaling. */
  public readonly group: ScalingGroup;
  private readonly scaling: AutoScaling;
  private readonly ec2: Ec2;
  /** Instances whose end somebody asked for. */
  private readonly asked = new Set<string>();
  private deployments = 1;
  private next: PlannedEvent | undefined;

  public constructor(
    private readonly world: ProcessWorld,
    scaled: ScaledGroup,
    limits: Ec2Limits,
    private readonly hooks: FleetHooks,
    private readonly idPrefix = "i-",
  ) {
    let launched = 0;
    this.scaling = new AutoScaling([], () => `${this.idPrefix}${(launched += 1)}`, world.time.now());
    const definition = { ...scaled.definition, launchTemplateVersion: this.workerVersion };
    this.group = this.scaling.add({ ...scaled, definition }, world.time.now());
    const told = (tell: (now: number) => void): void => {
      tell(world.time.now());
      this.decide();
    };
    this.ec2 = new Ec2(
      world,
      limits,
      {
        running: (id) => {
          told((now) => {
            this.group.running(id, now);
          });
        },
        lost: (id, why) => {
          told((now) => {
            this.group.lost(id, now, why);
          });
        },
        ended: (id) => {
          told((now) => {
            this.group.ended(id, now);
          });
        },
        rebalanceRecommended: (id) => {
          told((now) => {
            this.group.rebalanceRecommended(id, now);
          });
        },
        endRequested: (id) => {
          told(() => {
            this.terminate(id, false, "ended by somebody, or by a health check");
          });
        },
      },
      hooks,
    );
  }

  /** From when until when its instances were paid for. */
  public get paid(): PaidTimes {
    return this.ec2.paid;
  }

  /** As the group reports them. */
  public get figures(): GroupFigures {
    const { minimum, maximum } = this.group.settings;
    const inService = this.group.instances.filter(({ state }) => state === "InService").length;
    const pending = this.group.instances.filter(({ state }) => state.startsWith("Pending")).length;
    return { minimum, maximum, desired: this.group.desired, inService, pending };
  }

  /** Instances that the group has, or is to have. */
  public get size(): number {
    return Math.max(this.group.desired, this.group.instances.length);
  }

  /** Of the launch template that is deployed. */
  public get workerVersion(): string {
    return `v${this.deployments}`;
  }

  /** Whether one of its instances has, or had, this id. */
  public owns(instanceId: string): boolean {
    return instanceId.startsWith(this.idPrefix);
  }

  /** Whether an instance that it has is one that EC2 may take back. */
  public isOnSpot(instanceId: string): boolean {
    return this.ec2.find(instanceId)?.placed.market === "spot";
  }

  /** Launches what the group never goes without. */
  public begin(): void {
    this.decide();
  }

  /** A new version of the worker: what is launched from now on has it, what runs keeps its own. */
  public deploy(): void {
    this.deployments += 1;
    this.world.trace.add("fleet", "deployed", { version: this.workerVersion });
    this.group.update({ launchTemplateVersion: this.workerVersion }, this.world.time.now());
  }

  /** Does what an alarm asks for. */
  public act(action: PolicyAction): void {
    const before = this.group.desired;
    const decision = this.scaling.execute(action, this.world.time.now());
    if (decision?.kind !== "set") return;
    this.world.trace.add("fleet", "policy", { alarm: action.alarm.name, before, desired: decision.desired });
    this.hooks.decisions?.scaled(before, decision.desired);
    this.decide();
  }

  public read(): Promise<{ readonly desired: number; readonly maximum: number }> {
    return Promise.resolve({ desired: this.group.desired, maximum: this.group.settings.maximum });
  }

  /** @throws ScalingRefusedError for a capacity out of the bounds */
  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws is its answer
  public async setDesired(capacity: number): Promise<void> {
    this.group.setDesired(capacity, this.world.time.now());
    this.world.trace.add("fleet", "desired", { capacity });
    this.decide();
  }

  public inService(): Promise<readonly string[]> {
    return Promise.resolve(this.group.instances.filter(({ state }) => state === "InService").map(({ id }) => id));
  }

  public replace(instanceId: string): Promise<void> {
    this.endSilent(instanceId, false);
    return Promise.resolve();
  }

  /** A host's machine fails, without a word. */
  public fail(instanceId: string): void {
    this.ec2.fail(instanceId);
  }

  public end(instanceId: string): Promise<void> {
    this.endSilent(instanceId, true);
    return Promise.resolve();
  }

  public retirementOf(instance: Instance): Retirement {
    const leave = (lowersDesired: boolean): Promise<boolean> => {
      const isAccepted = this.terminate(instance.id, lowersDesired, "its worker asked for it") === "accepted";
      if (isAccepted) {
        this.hooks.onRetired(instance);
        instance.hasRetired = true;
        this.decide();
      }
      return Promise.resolve(isAccepted);
    };
    return { retire: () => leave(true), replace: () => leave(false) };
  }

  public terminationOf(instance: Instance): Termination {
    return {
      isDue: () => Promise.resolve(instance.hookedAt !== undefined),
      complete: () => Promise.resolve(this.complete(instance)),
    };
  }

  public noticesOf(instance: Instance): SpotNotices & RebalanceRecommendations {
    return { next: () => Promise.resolve(instance.noticeAt), latest: () => Promise.resolve(instance.recommendedAt) };
  }

  /** @returns false when nothing waits for it: not yet, or no more */
  private complete(instance: Instance): boolean {
    const now = this.world.time.now();
    const { held } = this.group.instances.find(({ id }) => id === instance.id) ?? {};
    if (held === undefined || instance.hookedAt === undefined || instance.hookedAt > now) return false;
    this.hooks.onRetired(instance);
    instance.hasCompleted = true;
    this.world.trace.add("fleet", "drained", { instance: instance.id });
    this.group.completeHook(instance.id, held.hook.name, "CONTINUE", now);
    this.decide();
    return true;
  }

  private endSilent(instanceId: string, lowersDesired: boolean): void {
    const instance = this.ec2.find(instanceId);
    if (this.terminate(instanceId, lowersDesired, "it showed no sign of life") !== "accepted") return;
    if (instance !== undefined && couldSpeak(instance, this.world.time.now())) this.hooks.onLiveReplaced(instance);
    this.decide();
  }

  /** As kit/aws/asg-capacity.ts takes the answers of the API. */
  private terminate(instanceId: string, lowersDesired: boolean, reason: string): "accepted" | "gone" | "not-now" {
    // one that goes already goes once
    if (this.group.instances.some((each) => each.id === instanceId && !counts(each))) return "not-now";
    try {
      this.group.terminate(instanceId, this.world.time.now(), { lowersDesired, reason });
    } catch (error) {
      if (!(error instanceof ScalingRefusedError)) throw error;
      if (isUnknownInstance(error.code, error.message)) return "gone";
      if (isNotNow(error.code, error.message)) return "not-now";
      throw error;
    }
    this.asked.add(instanceId);
    this.world.trace.add("fleet", "end asked for", { instance: instanceId, reason, desired: this.group.desired });
    return "accepted";
  }

  /** Lets the group decide on what it was told, until it asks for nothing more. */
  private decide(): void {
    const { time } = this.world;
    for (let asked = this.scaling.advance(time.now()); asked.length > 0; asked = this.scaling.advance(time.now()))
      for (const { commands } of asked) for (const command of commands) this.carryOut(command);
    this.hooks.decisions?.settled();
    const dueAt = this.scaling.nextDue();
    if (this.next !== undefined) this.next.cancelled = true;
    this.next =
      dueAt === undefined
        ? undefined
        : time.after(dueAt - time.now(), () => {
            this.decide();
          });
  }

  private carryOut(command: FleetCommand): void {
    const { random, time } = this.world;
    if (command.kind === "launch") {
      const { id } = command.instance;
      if (this.ec2.launch(command.instance)) this.hooks.decisions?.launched(id);
      else {
        this.group.refused(id, this.world.time.now(), "there is no capacity in the pool");
        this.hooks.decisions?.refused();
      }
      return;
    }
    const { instanceId } = command;
    const instance = this.ec2.find(instanceId);
    const isGoing = command.kind === "terminate" || command.hook.transition === "autoscaling:EC2_INSTANCE_TERMINATING";
    if (isGoing && !this.asked.has(instanceId) && instance !== undefined) {
      this.asked.add(instanceId);
      this.world.trace.add("fleet", "ended by its group", { instance: instanceId, desired: this.group.desired });
      this.hooks.decisions?.ended(instance);
    }
    if (command.kind === "terminate") {
      if (instance !== undefined) this.checkPatience(instance);
      this.ec2.end(instanceId);
    }
    // a moment passes until there is something to complete
    else if (isGoing && instance !== undefined) instance.hookedAt = time.now() + random.int(0, 10) * SECOND;
  }

  /** Whether the group waited in vain for a worker that could have told it that it is through. */
  private checkPatience(instance: Instance): void {
    const { hasCompleted, hasRetired, hookedAt, isStuck, pauses, wasKilled } = instance;
    if (hookedAt === undefined || hasCompleted || !hasRetired) return;
    const stoodStill = isStuck || pauses.some(({ until }) => until >= hookedAt);
    if (!stoodStill && !wasKilled) this.hooks.onKeptWaiting(instance);
  }
}
