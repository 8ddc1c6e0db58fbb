import type { AlarmAction } from "../alarms/alarm-engine";
import type { MetricAlarm } from "../alarms/metric-alarm";
import type { Decision } from "./decide";
import type { GroupDefinition } from "./definition";
import type { FleetCommand } from "./group-members";
import type { Forecast, ScalingPolicy, ScheduledAction } from "./policy";
import { ScalingGroup } from "./scaling-group";
import { forecastCapacity, Schedule } from "./schedule";

/** A group with all that may change its size. */
export interface ScaledGroup {
  readonly definition: GroupDefinition;
  /** By the ARNs that alarms have for them. */
  readonly policies: ReadonlyMap<string, ScalingPolicy>;
  /** @default none */
  readonly schedule?: readonly ScheduledAction[];
  /** @default none */
  readonly forecast?: Forecast;
}

/** What a group asked for. */
export interface GroupCommands {
  readonly group: ScalingGroup;
  readonly commands: readonly FleetCommand[];
}

/** What an alarm asks of a policy. */
export type PolicyAction = Pick<AlarmAction, "arn" | "value"> & { readonly alarm: Pick<MetricAlarm, "name" | "threshold"> };

interface Driven {
  readonly group: ScalingGroup;
  schedule: Schedule;
  policies: ReadonlyMap<string, ScalingPolicy>;
  readonly forecast: Forecast | undefined;
}

/** Auto Scaling: groups, and what alarms and clocks do to them. Times are milliseconds since the epoch. */
export class AutoScaling {
  private readonly driven = new Map<string, Driven>();

  /** @param newId names instances, over all groups */
  public constructor(
    groups: readonly ScaledGroup[],
    private readonly newId: () => string,
    now: number,
  ) {
    for (const group of groups) this.add(group, now);
  }

  public get groups(): readonly ScalingGroup[] {
    return [...this.driven.values()].map(({ group }) => group);
  }

  public add({ definition, forecast, policies, schedule = [] }: ScaledGroup, now: number): ScalingGroup {
    const group = new ScalingGroup(definition, this.newId);
    this.driven.set(definition.name, { group, policies, schedule: new Schedule(schedule, now), forecast });
    return group;
  }

  public remove(groupName: string): void {
    this.driven.delete(groupName);
  }

  /** @returns undefined when there is no group of that name */
  public find(groupName: string): ScalingGroup | undefined {
    return this.driven.get(groupName)?.group;
  }

  /** Replaces the policies of a group. @throws RangeError when there is no group of that name */
  public setPolicies(groupName: string, policies: ReadonlyMap<string, ScalingPolicy>): void {
    this.drivenOf(groupName).policies = policies;
  }

  /** Replaces the actions of a group by the clock; what was due before is over. @throws RangeError when there is no group of that name */
  public setSchedule(groupName: string, actions: readonly ScheduledAction[], now: number): void {
    this.drivenOf(groupName).schedule = new Schedule(actions, now);
  }

  /** Does what an alarm asks for. @returns undefined where it asks for no policy of these groups, or its metric has no value */
  public execute({ alarm, arn, value }: PolicyAction, now: number): Decision | undefined {
    if (value === undefined) return undefined;
    for (const { group, policies } of this.driven.values()) {
      const policy = policies.get(arn);
      if (policy !== undefined) return group.execute(policy, { value, threshold: alarm.threshold }, now, alarm.name);
    }
    return undefined;
  }

  /** Does whatever is due. @returns what groups asked for since the last call */
  public advance(now: number): GroupCommands[] {
    return [...this.driven.values()].flatMap((driven) => {
      const { forecast, group, schedule } = driven;
      for (const action of schedule.due(now)) if (!group.suspended.includes("ScheduledActions")) carryOut(group, action, now);
      if (forecast !== undefined) followForecast(group, forecast, now);
      const commands = group.advance(now);
      return commands.length === 0 ? [] : [{ group, commands }];
    });
  }

  /** When `advance` has something to do although nothing was told. undefined: never */
  public nextDue(): number | undefined {
    const times = [...this.driven.values()].flatMap(({ group, schedule }) => [group.nextDue() ?? [], schedule.nextDue() ?? []].flat());
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private drivenOf(groupName: string): Driven {
    const driven = this.driven.get(groupName);
    if (driven === undefined) throw new RangeError(`there is no Auto Scaling group ${groupName}`);
    return driven;
  }
}

function carryOut(group: ScalingGroup, { desired, maximum, minimum, name }: ScheduledAction, now: number): void {
  const sizes = {
    ...(minimum === undefined ? {} : { minimum }),
    ...(maximum === undefined ? {} : { maximum }),
    ...(desired === undefined ? {} : { desired }),
  };
  group.update(sizes, now, `the scheduled action ${name} was due`);
}

/** It only raises: policies bring the capacity down again. */
function followForecast(group: ScalingGroup, forecast: Forecast, now: number): void {
  const wanted = Math.min(group.settings.maximum, forecastCapacity(forecast, now));
  if (wanted > group.desired) group.setDesired(wanted, now, { reason: "the forecast wanted it" });
}
