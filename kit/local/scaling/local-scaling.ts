import { randomBytes } from "node:crypto";
import { AutoScaling } from "../../scaling/auto-scaling";
import type { FleetCommand } from "../../scaling/group-members";
import type { GroupInstance } from "../../scaling/instance";
import type { ScalingGroup } from "../../scaling/scaling-group";
import { ServiceError } from "../services/service-error";
import { definitionOf, type GroupRecord } from "./group-record";
import { paperHost, type InstanceEvents, type InstanceHost } from "./instance-host";
import type { PolicyClock } from "./policy-clock";

/** So long before it takes a spot instance EC2 says so. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html */
export const SPOT_NOTICE_SECONDS = 120;
const SECOND = 1_000;

/** An instance that is there, with its group. */
export interface FoundInstance {
  readonly record: GroupRecord;
  readonly group: ScalingGroup;
  readonly instance: Readonly<GroupInstance>;
}

/** What EC2 has said of a spot instance. Times are milliseconds since the epoch. */
export interface SpotFate {
  /** It recommended to replace it. */
  rebalanceAt?: number;
  /** It takes it then. */
  takenAt?: number;
}

/** Told of what others have to know. */
export interface ScalingListener {
  /** Before anything of an instance runs. */
  readonly onLaunch?: (instanceId: string, groupArn: string) => void;
}

/**
 * Auto Scaling of a local stack: groups that API calls make, driven by the clock of policies. What the engine (kit/scaling) asks for is
 * carried out by hosts.
 */
export class LocalScaling {
  public readonly engine: AutoScaling;
  private readonly records = new Map<string, GroupRecord>();
  private readonly hosts = new Map<string, InstanceHost>();
  private readonly fates = new Map<string, SpotFate>();
  private timer: NodeJS.Timeout | undefined;
  private hasBegun = false;
  private isSettling = false;
  private listener: ScalingListener = {};

  public constructor(public readonly clock: PolicyClock) {
    this.engine = new AutoScaling([], newInstanceId, clock.now());
  }

  public get groups(): readonly GroupRecord[] {
    return [...this.records.values()];
  }

  /** @throws ServiceError when there is none of that name */
  public record(groupName: string): GroupRecord {
    const record = this.records.get(groupName);
    if (record === undefined)
      throw new ServiceError("ValidationError", `AutoScalingGroup name not found - AutoScalingGroup '${groupName}' not found`);
    return record;
  }

  /** @throws ServiceError when there is none of that name */
  public group(groupName: string): ScalingGroup {
    const group = this.engine.find(this.record(groupName).name);
    if (group === undefined) throw new Error(`the group ${groupName} is not known to the engine`);
    return group;
  }

  public add(record: GroupRecord): void {
    this.engine.add({ definition: definitionOf(record), policies: new Map() }, this.clock.now());
    this.records.set(record.name, record);
    this.settle();
  }

  /** Takes a group away; whatever runs in it ends. */
  public remove(groupName: string): void {
    const { instances } = this.group(groupName);
    this.engine.remove(groupName);
    this.records.delete(groupName);
    const host = this.hostOf(groupName);
    for (const { id } of instances) host.end(id);
  }

  /** Who runs the instances of a group. @default nobody: they are on paper */
  public attach(groupName: string, makeHost: (events: InstanceEvents) => InstanceHost): void {
    this.hosts.set(groupName, makeHost(this.eventsOf(groupName)));
  }

  /** From now on instances are launched: those who run them are there. */
  public begin(listener: ScalingListener = {}): void {
    this.listener = listener;
    this.hasBegun = true;
    this.settle();
  }

  public stop(): void {
    this.hasBegun = false;
    clearTimeout(this.timer);
  }

  /** @returns undefined when there is none */
  public find(instanceId: string): FoundInstance | undefined {
    for (const record of this.records.values()) {
      const group = this.engine.find(record.name);
      const instance = group?.instances.find(({ id }) => id === instanceId);
      if (group !== undefined && instance !== undefined) return { record, group, instance };
    }
    return undefined;
  }

  public get instances(): FoundInstance[] {
    return this.groups.flatMap(({ name }) => this.group(name).instances.flatMap(({ id }) => this.find(id) ?? []));
  }

  public fateOf(instanceId: string): SpotFate {
    return this.fates.get(instanceId) ?? {};
  }

  /** EC2 takes a spot instance back: it says so now, and does it two minutes later. @returns when */
  public interrupt(instanceId: string): number {
    const { instance, record } = this.spotInstance(instanceId);
    const takenAt = this.fateOf(instance.id).takenAt ?? this.clock.now() + SPOT_NOTICE_SECONDS * SECOND;
    this.fates.set(instance.id, { ...this.fateOf(instance.id), takenAt });
    const timer = setTimeout(() => {
      // nothing is taken from a stack that is being stopped
      if (this.hasBegun && this.find(instanceId) !== undefined) this.hostOf(record.name).cut(instanceId);
    }, this.clock.timerUntil(takenAt));
    timer.unref();
    return takenAt;
  }

  /** EC2 recommends to replace a spot instance. */
  public recommendRebalance(instanceId: string): void {
    const { group, instance } = this.spotInstance(instanceId);
    const now = this.clock.now();
    this.fates.set(instance.id, { ...this.fateOf(instance.id), rebalanceAt: now });
    group.rebalanceRecommended(instance.id, now);
    this.settle();
  }

  /** Does what is due, and asks hosts for what the groups ask for; at the next time that something is due it does so again. */
  public settle(): void {
    // a host that answers at once comes back here: the loop below sees what it said
    if (!this.hasBegun || this.isSettling) return;
    this.isSettling = true;
    try {
      for (let asked = this.engine.advance(this.clock.now()); asked.length > 0; asked = this.engine.advance(this.clock.now()))
        for (const { commands, group } of asked) for (const command of commands) this.carryOut(group, command);
    } finally {
      this.isSettling = false;
    }
    clearTimeout(this.timer);
    const due = this.engine.nextDue();
    if (due === undefined) return;
    this.timer = setTimeout(
      () => {
        this.settle();
      },
      Math.min(this.clock.timerUntil(due) + 1, LONGEST_TIMER_MILLISECONDS),
    );
    this.timer.unref();
  }

  private carryOut(group: ScalingGroup, command: FleetCommand): void {
    const host = this.hostOf(group.name);
    switch (command.kind) {
      case "launch":
        this.listener.onLaunch?.(command.instance.id, this.record(group.name).arn);
        host.launch(command.instance);
        return;
      case "terminate":
        host.end(command.instanceId);
        return;
      case "held":
        // whoever waits for it reads the instance's metadata
        return;
    }
  }

  private hostOf(groupName: string): InstanceHost {
    return this.hosts.get(groupName) ?? paperHost(this.eventsOf(groupName));
  }

  private eventsOf(groupName: string): InstanceEvents {
    const tell = (change: (group: ScalingGroup, now: number) => void): void => {
      const group = this.engine.find(groupName);
      if (group === undefined) return;
      change(group, this.clock.now());
      this.settle();
    };
    return {
      running: (id) => {
        tell((group, now) => {
          group.running(id, now);
        });
      },
      ended: (id) => {
        this.fates.delete(id);
        tell((group, now) => {
          group.ended(id, now);
        });
      },
      isGoing: (id) => this.fateOf(id).takenAt !== undefined || this.find(id)?.instance.state.startsWith("Terminating") === true,
      lost: (id, why) => {
        this.fates.delete(id);
        tell((group, now) => {
          group.lost(id, now, why);
        });
      },
    };
  }

  private spotInstance(instanceId: string): FoundInstance {
    const found = this.find(instanceId);
    if (found === undefined) throw new ServiceError("InvalidInstanceID.NotFound", `The instance ID '${instanceId}' does not exist`);
    if (found.instance.market !== "spot")
      throw new ServiceError("ValidationError", `${instanceId} is on demand, which EC2 takes from nobody`);
    return found;
  }
}

/** A timer can't be set for ever. */
const LONGEST_TIMER_MILLISECONDS = 3_600_000;

/** `i-` and 17 digits, as EC2 names instances. */
const newInstanceId = (): string => `i-${randomBytes(9).toString("hex").slice(0, 17)}`;
