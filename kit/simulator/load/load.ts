import type { MetricAlarm } from "../../alarms/metric-alarm";
import type { ScaledGroup } from "../../scaling/auto-scaling";

/** What an instance of a type does. */
export interface MachineType {
  /** Files that it works on at a time. */
  readonly slots: number;
  /** Seconds that a slot takes for a file of so many bytes. */
  readonly secondsPerFile: (bytes: number) => number;
  /** A burstable type's CPU credits. @default it has none: it is as fast for ever */
  readonly credits?: CpuCredits;
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-credits-baseline-concepts.html */
export interface CpuCredits {
  /** At launch. One credit is a minute of one vCPU. */
  readonly atLaunch: number;
  /** Share of full speed that lasts for ever, from 0 to 1; what it earns is as much. */
  readonly baseline: number;
}

/** What comes to the queue. */
export interface Arrivals {
  readonly files: number;
  /** Of the file with that number. */
  readonly bytesOf: (file: number) => number;
  /** Messages a second that come at most. @default all at once */
  readonly perSecond?: number;
  /** Messages that are in the queue or in work at most: others come as these end. @default no bound */
  readonly atMostOpen?: number;
  /** When the first one comes. @default 0 */
  readonly startsAtSeconds?: number;
}

/** What takes spot instances back. */
export interface SpotLosses {
  /** Of one instance, by the hour. */
  readonly perHour: number;
  readonly noticeSeconds: number;
}

/** Somebody who raises the desired capacity. */
export interface Raise {
  readonly atSeconds: number;
  readonly capacity: number;
}

/** A load, and the fleet that is to do it. Times count from the load's first message. */
export interface Load {
  readonly group: ScaledGroup;
  /** What CloudWatch looks at each minute; metrics of `queueName` and of nothing else. */
  readonly alarms: readonly MetricAlarm[];
  readonly queueName: string;
  readonly arrivals: Arrivals;
  readonly typeOf: (instanceType: string) => MachineType;
  /** From a launch until Auto Scaling counts the instance as in service. */
  readonly secondsToInService: number;
  /** From a launch until its worker takes the first message. */
  readonly secondsToWork: number;
  /** Messages that a worker has taken beside those it works on. */
  readonly receivesAhead: number;
  /** How long a message stays away that its worker doesn't give back. */
  readonly visibilitySeconds: number;
  /** Second of the minute at which the first message comes: alarms are evaluated as each minute ends. @default 0 */
  readonly secondOfMinute?: number;
  /** How late a metric is in an alarm. @default 0 */
  readonly metricDelaySeconds?: number;
  /** Raises at given times, as a plan does. @default none */
  readonly raises?: readonly Raise[];
  /** An orchestrator that each minute gives as many workers as there are messages for. @default there is none */
  readonly orchestrator?: { readonly messagesPerWorker: number };
  /** A worker without work for so long ends itself. @default none does */
  readonly idleRetireSeconds?: number;
  /** @default none is lost */
  readonly spotLosses?: SpotLosses;
  /** Files a second that services bear, by their limits and partitions. @default no bound */
  readonly filesPerSecond?: number;
  /** Instances that the account may run. @default no bound */
  readonly accountInstances?: number;
  readonly seed?: number;
  /** When it is given up. @default 30 days */
  readonly untilSeconds?: number;
}

/** One instance's life, in seconds from the load's first message; negative: before it. */
export interface InstanceLife {
  readonly id: string;
  readonly instanceType: string;
  readonly zone: string;
  readonly market: "on-demand" | "spot";
  readonly launchedAt: number;
  /** undefined: never */
  readonly workingAt: number | undefined;
  /** undefined: it still runs */
  readonly endedAt: number | undefined;
  readonly files: number;
}

export interface DepthSample {
  readonly atSeconds: number;
  readonly visible: number;
  readonly inFlight: number;
  readonly inService: number;
}

/** What came of a load. */
export interface LoadResult {
  /** From the first message to the last file's end. undefined: it was given up */
  readonly seconds: number | undefined;
  /** When only the group's minimum was left. undefined: it was not, in the time that was looked at */
  readonly settledSeconds: number | undefined;
  readonly instances: readonly InstanceLife[];
  /** Files that were done again, since their worker was lost. */
  readonly repeated: number;
  readonly depth: readonly DepthSample[];
  readonly activities: readonly {
    readonly atSeconds: number;
    readonly description: string;
    readonly cause: string;
    readonly status: string;
  }[];
}
