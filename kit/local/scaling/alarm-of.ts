import type { MetricDataQuery, PutMetricAlarmInput } from "@aws-sdk/client-cloudwatch";
import { COMPARISONS, MISSING_DATA_TREATMENTS, type Comparison, type MetricAlarm, type Series } from "../../alarms/metric-alarm";
import type { Metric } from "../../alarms/metric";
import { parseMetricMath } from "../../alarms/metric-math";
import { statisticOf, type Statistic } from "../../alarms/statistic";
import { needed, ServiceError } from "../services/service-error";

/** Id of the only metric of an alarm that has no queries. */
const ONLY = "only";

/** The metrics that an alarm is made of. */
export const metricsOf = ({ Metrics, ...single }: PutMetricAlarmInput): Metric[] =>
  Metrics === undefined
    ? [metricOf(single)]
    : Metrics.flatMap(({ MetricStat: stat }) => (stat === undefined ? [] : [metricOf(stat.Metric ?? {})]));

/**
 * An alarm as the engine evaluates it.
 *
 * @throws ServiceError for what it can't be, UnsupportedExpressionError for metric math that is not known here
 */
export function alarmOf(request: PutMetricAlarmInput): MetricAlarm {
  const name = needed(request.AlarmName, "AlarmName");
  const series = seriesOf(request);
  const compared = request.Metrics === undefined ? ONLY : request.Metrics.find(({ ReturnData }) => ReturnData !== false)?.Id;
  const evaluationPeriods = needed(request.EvaluationPeriods, "EvaluationPeriods");
  const periodSeconds = request.Period ?? request.Metrics?.find(({ MetricStat }) => MetricStat !== undefined)?.MetricStat?.Period;
  const isOfDynamoDb = metricsOf(request).some(({ namespace }) => namespace === "AWS/DynamoDB");
  const actions = (arns: readonly string[] = []): readonly string[] => (request.ActionsEnabled === false ? [] : arns);
  return {
    name,
    description: request.AlarmDescription ?? "",
    series,
    comparedId: needed(compared, "Metrics"),
    periodSeconds: wholeMinutes(needed(periodSeconds, "Period")),
    comparison: oneOf(Object.keys(COMPARISONS) as Comparison[], request.ComparisonOperator, "ComparisonOperator"),
    threshold: needed(request.Threshold, "Threshold"),
    evaluationPeriods,
    datapointsToAlarm: request.DatapointsToAlarm ?? evaluationPeriods,
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    missingData: oneOf(MISSING_DATA_TREATMENTS, request.TreatMissingData ?? (isOfDynamoDb ? "ignore" : "missing"), "TreatMissingData"),
    actions: {
      ALARM: actions(request.AlarmActions),
      OK: actions(request.OKActions),
      INSUFFICIENT_DATA: actions(request.InsufficientDataActions),
    },
  };
}

function seriesOf(request: PutMetricAlarmInput): Series[] {
  if (request.Metrics !== undefined) return request.Metrics.map(querySeries);
  return [
    { kind: "metric", id: ONLY, metric: metricOf(request), statistic: knownStatistic(request.Statistic ?? request.ExtendedStatistic) },
  ];
}

function querySeries({ Expression, Id, MetricStat }: MetricDataQuery): Series {
  const id = needed(Id, "Id");
  if (Expression !== undefined) return { kind: "math", id, math: parseMetricMath(Expression) };
  const { Metric: metric, Stat } = needed(MetricStat, "MetricStat");
  return { kind: "metric", id, metric: metricOf(metric ?? {}), statistic: knownStatistic(Stat) };
}

/** A metric as the API names it. */
interface NamedMetric {
  readonly Namespace?: string | undefined;
  readonly MetricName?: string | undefined;
  readonly Dimensions?: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[] | undefined;
}

export const metricOf = ({ Dimensions = [], MetricName, Namespace }: NamedMetric): Metric => ({
  namespace: needed(Namespace, "Namespace"),
  name: needed(MetricName, "MetricName"),
  dimensions: Object.fromEntries(Dimensions.map(({ Name = "", Value = "" }) => [Name, Value])),
});

/** @throws ServiceError */
export function knownStatistic(name: string | undefined): Statistic {
  const statistic = statisticOf(needed(name, "Statistic"));
  if (statistic === undefined) throw new ServiceError("ValidationError", `the statistic ${name ?? ""} is not known to the local run`);
  return statistic;
}

function wholeMinutes(seconds: number): number {
  if (seconds % 60 === 0 && seconds > 0) return seconds;
  throw new ServiceError("ValidationError", `a period of ${seconds} s is not known to the local run, which counts by the minute`);
}

function oneOf<T extends string>(known: readonly T[], given: string | undefined, name: string): T {
  const found = known.find((each) => each === given);
  if (found === undefined)
    throw new ServiceError("ValidationError", `${name} is ${given ?? "not given"}, and not one of ${known.join(", ")}`);
  return found;
}
