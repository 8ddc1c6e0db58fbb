import { CloudwatchMetricAlarm, type CloudwatchMetricAlarmConfig } from "@cdktf/provider-aws/lib/cloudwatch-metric-alarm";
import type { Construct } from "constructs";
import type { Measure, Metric } from "./metric";
import { runbookHint } from "./runbook-hint";

/**
 * How soon somebody must look. `critical`: at once, at night, too (requirement S2.94). `warning`: on the next working day (S2.95). Each has
 * a route of its own.
 */
export const SEVERITIES = ["critical", "warning"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Where alarms of a severity go: ARNs of topics. */
export type AlertTopics = Readonly<Record<Severity, string>>;

/** What people are told, and who. */
export interface AlarmNotice {
  readonly alarmName: string;
  /** What it means; where the runbook tells of it is added. */
  readonly alarmDescription: string;
  readonly runbookSection: string;
  readonly severity: Severity;
  /** Told when it goes off, and when it is over. @default nobody: whoever looks sees it */
  readonly topics?: AlertTopics | undefined;
}

export interface AlarmProps extends AlarmNotice {
  readonly measure: Measure;
  readonly periodSeconds: number;
  /** Periods that are looked at. @default 1 */
  readonly periods?: number;
  /** So many of them must be beyond the threshold. @default all */
  readonly periodsBeyond?: number;
  /** `above`: more than the threshold; `from`: that much or more. */
  readonly goesOff: "above" | "from";
  readonly threshold: number;
}

const COMPARISONS = { above: "GreaterThanThreshold", from: "GreaterThanOrEqualToThreshold" } as const;

/** The alarm; what is missing is no reason for one: queues that sleep and functions that nobody calls report nothing. */
export function addAlarm(scope: Construct, id: string, props: AlarmProps): CloudwatchMetricAlarm {
  const { alarmName, alarmDescription, goesOff, measure, periods = 1, periodSeconds, periodsBeyond, threshold } = props;
  return new CloudwatchMetricAlarm(scope, id, {
    ...told(props),
    alarmName,
    alarmDescription: alarmDescription + runbookHint(props.runbookSection),
    ...measured(measure, periodSeconds),
    evaluationPeriods: periods,
    ...(periodsBeyond === undefined ? {} : { datapointsToAlarm: periodsBeyond }),
    comparisonOperator: COMPARISONS[goesOff],
    threshold,
    treatMissingData: "notBreaching",
  });
}

/** The severity is a tag, too: a receiver of both routes, or a search, can tell by it. */
function told({ severity, topics }: AlarmNotice): Pick<CloudwatchMetricAlarmConfig, "alarmActions" | "okActions" | "tags"> {
  const tags = { Severity: severity };
  return topics === undefined ? { tags } : { tags, alarmActions: [topics[severity]], okActions: [topics[severity]] };
}

function measured(
  measure: Measure,
  period: number,
): Pick<CloudwatchMetricAlarmConfig, "dimensions" | "metricName" | "metricQuery" | "namespace" | "period" | "statistic"> {
  if ("metric" in measure) {
    const { dimensions, metricName, namespace, statistic } = measure.metric;
    return { namespace, metricName, ...(Object.keys(dimensions).length === 0 ? {} : { dimensions: { ...dimensions } }), statistic, period };
  }
  const { expression, label, metrics } = measure;
  const query = ([id, { dimensions, metricName, namespace, statistic }]: [string, Metric]) => ({
    id,
    metric: { namespace, metricName, dimensions: { ...dimensions }, stat: statistic, period },
  });
  return { metricQuery: [{ id: "result", label, expression, returnData: true }, ...Object.entries(metrics).map(query)] };
}

/** Of every alarm that is below a construct by now. */
export const alarmArnsOf = (scope: Construct): string[] =>
  scope.node
    .findAll()
    .filter((node) => node instanceof CloudwatchMetricAlarm)
    .map(({ arn }) => arn);
