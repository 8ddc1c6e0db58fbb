import type { PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { AlarmEngine, type AlarmAction } from "../../alarms/alarm-engine";
import type { AlarmState } from "../../alarms/metric-alarm";
import { MetricStore } from "../../alarms/metric-store";
import type { Metric } from "../../alarms/metric";
import { alarmOf, metricsOf } from "./alarm-of";
import { GROUP_METRICS } from "./group-record";

/** Metrics of a local stack: what SQS tells of queues and Auto Scaling of groups, each minute. Nothing else is reported there. */
export const QUEUE_METRICS = {
  ApproximateNumberOfMessagesVisible: "ApproximateNumberOfMessages",
  ApproximateNumberOfMessagesNotVisible: "ApproximateNumberOfMessagesNotVisible",
  ApproximateNumberOfMessagesDelayed: "ApproximateNumberOfMessagesDelayed",
} as const;
export const QUEUE_NAMESPACE = "AWS/SQS";
export const GROUP_NAMESPACE = "AWS/AutoScaling";

const REPORTED: Readonly<Record<string, readonly string[]>> = {
  [QUEUE_NAMESPACE]: Object.keys(QUEUE_METRICS),
  [GROUP_NAMESPACE]: GROUP_METRICS,
};
const isReported = ({ name, namespace }: Metric): boolean => REPORTED[namespace]?.includes(name) === true;

/** An alarm as it was made, and where it is. Times are milliseconds since the epoch. */
export interface AlarmRecord {
  readonly request: PutMetricAlarmInput;
  readonly configuredAt: number;
  state: AlarmState;
  stateReason: string;
  changedAt: number;
}

/** Of an alarm that nobody evaluates yet, in AWS's words. */
const UNCHECKED = "Unchecked: Initial alarm creation";

/**
 * Alarms of a local stack. Those on metrics that are reported here are evaluated each minute of the policies' time; of all others there is
 * a record only, and their state is that there are no data.
 */
export class LocalAlarms {
  private readonly records = new Map<string, AlarmRecord>();
  private engine: AlarmEngine | undefined;

  public constructor(public readonly store = new MetricStore()) {}

  public get all(): readonly AlarmRecord[] {
    return [...this.records.values()];
  }

  /** @throws ServiceError for one on reported metrics that can't be evaluated */
  public put(name: string, request: PutMetricAlarmInput, now: number): void {
    if (isEvaluated(request)) alarmOf(request);
    this.records.set(name, { request, configuredAt: now, state: "INSUFFICIENT_DATA", stateReason: UNCHECKED, changedAt: now });
    this.engine = undefined;
  }

  /** @returns whether it was there */
  public remove(name: string): boolean {
    this.engine = undefined;
    return this.records.delete(name);
  }

  public setActionsEnabled(name: string, isEnabled: boolean): void {
    const record = this.records.get(name);
    if (record === undefined) return;
    this.records.set(name, { ...record, request: { ...record.request, ActionsEnabled: isEnabled } });
    this.engine = undefined;
  }

  /** @param now the end of a minute. @returns what alarms ask for */
  public evaluate(now: number): readonly AlarmAction[] {
    this.engine ??= new AlarmEngine(
      this.all.filter(({ request }) => isEvaluated(request)).map(({ request }) => alarmOf(request)),
      this.store,
    );
    const { actions, transitions } = this.engine.evaluate(now);
    for (const { alarm, to, value } of transitions) {
      const record = this.records.get(alarm.name);
      if (record === undefined) continue;
      record.state = to;
      record.changedAt = now;
      record.stateReason =
        value === undefined ? "there is no latest datapoint" : `the latest datapoint is ${value}; ${alarm.comparison} ${alarm.threshold}`;
    }
    return actions;
  }
}

const isEvaluated = (request: PutMetricAlarmInput): boolean => metricsOf(request).every(isReported);
