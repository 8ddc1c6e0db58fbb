import type { Metric } from "./metric";
import type { MetricMath } from "./metric-math";
import type { Statistic } from "./statistic";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html#alarm-states */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

export const COMPARISONS = {
  GreaterThanThreshold: (value: number, threshold: number) => value > threshold,
  GreaterThanOrEqualToThreshold: (value: number, threshold: number) => value >= threshold,
  LessThanThreshold: (value: number, threshold: number) => value < threshold,
  LessThanOrEqualToThreshold: (value: number, threshold: number) => value <= threshold,
} as const;
export type Comparison = keyof typeof COMPARISONS;

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
export const MISSING_DATA_TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;
export type MissingDataTreatment = (typeof MISSING_DATA_TREATMENTS)[number];

/** A number over time: a statistic of a metric, or what is computed of several. */
export type Series =
  | { readonly kind: "metric"; readonly id: string; readonly metric: Metric; readonly statistic: Statistic }
  | { readonly kind: "math"; readonly id: string; readonly math: MetricMath };

/** How many of the latest datapoints decide. */
export interface EvaluationRule {
  readonly comparison: Comparison;
  readonly threshold: number;
  /** N: datapoints that are looked at. */
  readonly evaluationPeriods: number;
  /** M: breaching ones among them that make the alarm. */
  readonly datapointsToAlarm: number;
  readonly missingData: MissingDataTreatment;
}

/** ARNs of what is done when the alarm comes to a state. */
export type AlarmActions = Readonly<Record<AlarmState, readonly string[]>>;

export interface MetricAlarm extends EvaluationRule {
  readonly name: string;
  readonly description: string;
  /** All that the alarm is computed of. */
  readonly series: readonly Series[];
  /** Id of the series that is compared. */
  readonly comparedId: string;
  /** A multiple of 60. */
  readonly periodSeconds: number;
  readonly actions: AlarmActions;
}

/** A policy of an Auto Scaling group: it is told again and again for as long as a state lasts. */
export const isScalingPolicy = (arn: string): boolean => arn.split(":")[2] === "autoscaling";

/** Whether an alarm is there to change a capacity, and to wake nobody. */
export const isForScaling = ({ actions }: Pick<MetricAlarm, "actions">): boolean =>
  actions.ALARM.length > 0 && actions.ALARM.every((arn) => isScalingPolicy(arn));
