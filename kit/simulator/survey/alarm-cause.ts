import type { AlarmTransition } from "../../alarms/alarm-engine";
import type { EvaluatedStack } from "../../graph/evaluated-stack";

/** What came of a world that was made for an alarm. */
export interface CauseOutcome {
  readonly history: readonly AlarmTransition[];
  /** When the cause was there first, and when no more, in milliseconds since the epoch. */
  readonly begunAt: number;
  readonly endedAt: number;
}

/** Something that an alarm is for. */
export interface AlarmCause extends MadeCause {
  /** The alarm's name, without what an environment puts before it. */
  readonly alarm: string;
  /** Of environments in which no world can have the cause: what is fed to the alarm there, and why. @default none */
  readonly instead?: Readonly<Record<string, MadeCause>>;
}

/** A cause, and a world that has it. */
export interface MadeCause {
  /** What is wrong there, in words. */
  readonly cause: string;
  /**
   * Lives through a world with the cause until the alarm fires, then without it until the alarm is over.
   *
   * @param alarmName the whole name
   */
  readonly live: (stack: EvaluatedStack, alarmName: string) => Promise<CauseOutcome>;
}

/** The cause of an alarm, whatever the environment puts before its name. */
export const causeOf = (causes: readonly AlarmCause[], alarmName: string): AlarmCause | undefined =>
  causes.find(({ alarm }) => alarmName === alarm || alarmName.endsWith(`-${alarm}`));
