import type { MetricAlarm, Series } from "../alarms/metric-alarm";

/** The metric that a policy of target tracking keeps near its value. */
export interface TrackedMetric {
  readonly series: readonly Series[];
  readonly comparedId: string;
}

/** AWS's own alarms of such a policy: three minutes above it, a quarter of an hour below nine tenths of it. */
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;

/**
 * The two alarms that AWS makes for a policy of target tracking.
 *
 * @see https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-scaling-target-tracking.html
 */
export function targetAlarms(policyArn: string, policyName: string, targetValue: number, metric: TrackedMetric): MetricAlarm[] {
  const common = {
    ...metric,
    description: `Made for the policy ${policyName}`,
    periodSeconds: 60,
    missingData: "missing",
    actions: { OK: [], ALARM: [policyArn], INSUFFICIENT_DATA: [] },
  } as const;
  return [
    {
      ...common,
      name: `TargetTracking-${policyName}-AlarmHigh`,
      comparison: "GreaterThanThreshold",
      threshold: targetValue,
      evaluationPeriods: HIGH_PERIODS,
      datapointsToAlarm: HIGH_PERIODS,
    },
    {
      ...common,
      name: `TargetTracking-${policyName}-AlarmLow`,
      comparison: "LessThanThreshold",
      threshold: targetValue * LOW_SHARE,
      evaluationPeriods: LOW_PERIODS,
      datapointsToAlarm: LOW_PERIODS,
    },
  ];
}
