import { CloudwatchLogMetricFilter } from "@cdktf/provider-aws/lib/cloudwatch-log-metric-filter";
import { Construct } from "constructs";
import { METRIC_NAMESPACE } from "../../kit/lib/event-metrics";
import { addAlarm, type AlarmNotice } from "./alarm";

export interface LogAlarmProps extends AlarmNotice {
  readonly logGroupName: string;
  /** Names of the log's events, each the `message` of its JSON line; at least one. */
  readonly events: readonly string[];
  /** The longest time between two of the lines while what they tell of lasts; of one that comes once, how long it is to be seen. */
  readonly repeatedEverySeconds: number;
  /** Lines of the last three times that are a reason. @default 1 */
  readonly lines?: number;
}

/** A line that comes late, or one that is missed, ends no alarm. */
const PERIODS_OF_LINES = 3;

/** Tells when a process logs one of some events, for as long as it repeats it. */
export class LogAlarm extends Construct {
  public constructor(scope: Construct, id: string, props: LogAlarmProps) {
    super(scope, id);
    const filter = new CloudwatchLogMetricFilter(this, "Lines", {
      name: props.alarmName,
      logGroupName: props.logGroupName,
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
      pattern: `{ ${props.events.map((event) => `$.message = "${event}"`).join(" || ")} }`,
      metricTransformation: { name: props.alarmName, namespace: METRIC_NAMESPACE, value: "1" },
    });
    addAlarm(this, "Alarm", {
      ...props,
      measure: { metric: { namespace: METRIC_NAMESPACE, metricName: filter.name, dimensions: {}, statistic: "Sum" } },
      periodSeconds: PERIODS_OF_LINES * props.repeatedEverySeconds,
      goesOff: "from",
      threshold: props.lines ?? 1,
    });
  }
}
