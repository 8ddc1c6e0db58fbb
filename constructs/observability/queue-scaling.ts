import { AutoscalingPolicy } from "@cdktf/provider-aws/lib/autoscaling-policy";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { runbookHint } from "./runbook-hint";

/** Capacity rises by `add` while `from` or more messages are visible, up to the next step. */
export interface QueueScalingStep {
  readonly from: number;
  readonly add: number;
}

export type QueueScaleOut =
  | { readonly kind: "simple"; readonly threshold: number; readonly add: number; readonly cooldownSeconds: number }
  | { readonly kind: "step"; readonly steps: readonly QueueScalingStep[]; readonly warmUpSeconds: number };

export interface QueueScalingProps {
  readonly groupName: string;
  readonly queueName: string;
  /** Names of policies and alarms are unique in a group, alarms in the account too. */
  readonly policyName: string;
  readonly alarmName: string;
  readonly runbookSection: string;
}

/** SQS reports once a minute, at no cost. */
const PERIOD_SECONDS = 60;

/**
 * The alarm on what waits in a queue. Not on CPU, which does not follow the queue (requirement S1.66). A queue that slept for hours
 * reports nothing: that is no alarm.
 */
const visibleAlarm = (
  scope: Construct,
  { queueName, alarmName, runbookSection }: QueueScalingProps,
  {
    threshold,
    comparisonOperator,
    policyArn,
  }: { readonly threshold: number; readonly comparisonOperator: string; readonly policyArn: string },
): CloudwatchMetricAlarm =>
  new CloudwatchMetricAlarm(scope, "Alarm", {
    alarmName,
    alarmDescription: `Changes the capacity of the fleet by what is visible in ${queueName}${runbookHint(runbookSection)}`,
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queueName },
    statistic: "Maximum",
    period: PERIOD_SECONDS,
    // one datapoint: a second minute would be two thirds of the time that the step policy is to take (requirement S1.88)
    evaluationPeriods: 1,
    comparisonOperator,
    threshold,
    treatMissingData: "notBreaching",
    alarmActions: [policyArn],
  });

/** Adds workers when messages wait. */
export class QueueScaleOutPolicy extends Construct {
  public constructor(scope: Construct, id: string, props: QueueScalingProps & { readonly scaleOut: QueueScaleOut }) {
    super(scope, id);
    const { groupName, policyName, scaleOut } = props;
    const threshold = scaleOut.kind === "simple" ? scaleOut.threshold : Math.min(...scaleOut.steps.map((step) => step.from));
    const common = { name: policyName, autoscalingGroupName: groupName, adjustmentType: "ChangeInCapacity" };
    const policy =
      scaleOut.kind === "simple"
        ? new AutoscalingPolicy(this, "Resource", {
            ...common,
            policyType: "SimpleScaling",
            scalingAdjustment: scaleOut.add,
            cooldown: scaleOut.cooldownSeconds,
          })
        : new AutoscalingPolicy(this, "Resource", {
            ...common,
            policyType: "StepScaling",
            estimatedInstanceWarmup: scaleOut.warmUpSeconds,
            metricAggregationType: "Maximum",
            stepAdjustment: stepAdjustments(scaleOut.steps, threshold),
          });
    visibleAlarm(this, props, { threshold, comparisonOperator: "GreaterThanOrEqualToThreshold", policyArn: policy.arn });
  }
}

/** Bounds count from the alarm's threshold, lower inclusive, upper exclusive; the last step has no upper one. */
export const stepAdjustments = (steps: readonly QueueScalingStep[], threshold: number) =>
  steps.map(({ from, add }, i) => {
    const next = steps[i + 1];
    return {
      scalingAdjustment: add,
      metricIntervalLowerBound: String(from - threshold),
      ...(next === undefined ? {} : { metricIntervalUpperBound: String(next.from - threshold) }),
    };
  });
