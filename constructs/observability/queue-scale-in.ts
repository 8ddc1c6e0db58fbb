import { AutoscalingPolicy } from "@cdktf/provider-aws/lib/autoscaling-policy";
import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmMetricQuery } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { runbookHint } from "./runbook-hint";

export interface QueueScaleInProps {
  readonly groupName: string;
  /** Every queue that the group's workers take from, by a name that metric math can use: letters, small at the beginning. */
  readonly queueNames: Readonly<Record<string, string>>;
  readonly scaleIn: {
    /** Messages, in all queues, visible or in flight, at or below which workers go. */
    readonly threshold: number;
    readonly remove: number;
    readonly cooldownSeconds: number;
  };
  readonly policyName: string;
  readonly alarmName: string;
  readonly runbookSection: string;
}

/** SQS reports once a minute, at no cost. */
const PERIOD_SECONDS = 60;

/** What waits, and what a worker has taken and not finished. */
const METRICS = { visible: "ApproximateNumberOfMessagesVisible", inFlight: "ApproximateNumberOfMessagesNotVisible" } as const;

/**
 * Takes workers away when nothing waits and nothing is in work: only the sum tells, for what a worker has taken is visible no more
 * (requirement S1.69), and a queue that is empty says nothing of the other one. Only for groups whose instances are not protected.
 */
export class QueueScaleInPolicy extends Construct {
  public constructor(scope: Construct, id: string, props: QueueScaleInProps) {
    super(scope, id);
    const { groupName, policyName, alarmName, runbookSection, queueNames, scaleIn } = props;
    const policy = new AutoscalingPolicy(this, "Resource", {
      name: policyName,
      autoscalingGroupName: groupName,
      adjustmentType: "ChangeInCapacity",
      policyType: "SimpleScaling",
      scalingAdjustment: -scaleIn.remove,
      cooldown: scaleIn.cooldownSeconds,
    });
    const metrics = Object.entries(queueNames).flatMap(([queue, queueName]) =>
      Object.entries(METRICS).map(([kind, metricName]): CloudwatchMetricAlarmMetricQuery & { readonly id: string } => ({
        id: `${queue}_${kind}`,
        metric: { namespace: "AWS/SQS", metricName, dimensions: { QueueName: queueName }, stat: "Maximum", period: PERIOD_SECONDS },
      })),
    );
    new CloudwatchMetricAlarm(this, "Alarm", {
      alarmName,
      alarmDescription: `Lowers the capacity of the fleet when no message waits or is in work${runbookHint(runbookSection)}`,
      metricQuery: [
        // a metric that is missing counts as 0 in a sum, unless all are missing: what a queue doesn't report isn't in it (SQS reports every
        // queue that holds a message). https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
        {
          id: "messages",
          label: "messages that wait or are in work",
          expression: metrics.map((each) => each.id).join(" + "),
          returnData: true,
        },
        ...metrics,
      ],
      evaluationPeriods: 1,
      comparisonOperator: "LessThanOrEqualToThreshold",
      threshold: scaleIn.threshold,
      treatMissingData: "notBreaching",
      alarmActions: [policy.arn],
    });
  }
}
