import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { CloudwatchMetricAlarm } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import { Construct } from "constructs";
import { runbookHint } from "./runbook-hint";

export interface LogAlarmProps {
  readonly logGroupName: string;
  /** Name of the log's event, the `message` of its JSON line. */
  readonly event: string;
  /** Also the metric's name. */
  readonly alarmName: string;
  /** What it means; where the runbook tells of it is added. */
  readonly alarmDescription: string;
  readonly runbookSection: string;
  /** The longest time between two of the lines while what they tell of lasts. */
  readonly repeatedEverySeconds: number;
}

const NAMESPACE = "Filemill";
/** A line that comes late, or one that is missed, ends no alarm. */
const PERIODS_OF_LINES = 3;

/** Tells when a process logs an event, for as long as it repeats it. No action: whoever runs it chooses whom to wake. */
export class LogAlarm extends Construct {
  public constructor(scope: Construct, id: string, props: LogAlarmProps) {
    super(scope, id);
    const filter = new CloudwatchLogMetricFilter(this, "Lines", {
      name: props.alarmName,
      logGroupName: props.logGroupName,
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
      pattern: `{ $.message = "${props.event}" }`,
      metricTransformation: { name: props.alarmName, namespace: NAMESPACE, value: "1" },
    });
    new CloudwatchMetricAlarm(this, "Alarm", {
      alarmName: props.alarmName,
      alarmDescription: props.alarmDescription + runbookHint(props.runbookSection),
      namespace: NAMESPACE,
      metricName: filter.name,
      statistic: "Sum",
      period: PERIODS_OF_LINES * props.repeatedEverySeconds,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      treatMissingData: "notBreaching",
    });
  }
}
