import { z } from "zod";
import type { LogMetricFilter } from "../../../alarms/log-metrics";
import { parseLogPattern, valueOf } from "../../../alarms/log-pattern";
import { COMPARISONS, MISSING_DATA_TREATMENTS, type Comparison, type MetricAlarm, type Series } from "../../../alarms/metric-alarm";
import { parseMetricMath } from "../../../alarms/metric-math";
import { statisticOf, type Statistic } from "../../../alarms/statistic";
import {
  block,
  blocks,
  decimal,
  flag,
  optionalDecimal,
  optionalFlag,
  optionalText,
  optionalTextMap,
  optionalTexts,
  optionalWhole,
  text,
  textMap,
  whole,
} from "../../../graph/arguments";
import { simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

const statistic = text.transform((name, context): Statistic => {
  const known = statisticOf(name);
  if (known !== undefined) return known;
  context.addIssue({ code: "custom", message: `the statistic ${name} is not known` });
  return z.NEVER;
});
const comparison = z.enum(Object.keys(COMPARISONS) as [Comparison, ...Comparison[]]);
/** Evaluation is by the minute. High-resolution alarms have shorter periods. */
const period = whole.refine((seconds) => seconds % 60 === 0 && seconds > 0, "only whole minutes are carried out");
const metricQuery = z.object({
  id: text,
  label: optionalText,
  expression: optionalText,
  return_data: optionalFlag,
  metric: block(
    z.object({ namespace: text, metric_name: text, dimensions: optionalTextMap, stat: statistic, period, unit: z.never().optional() }),
  ),
  account_id: z.never().optional(),
  period: z.never().optional(),
});

/** The series of an alarm on several metrics. @throws UnsupportedExpressionError */
const seriesOf = (queries: readonly z.output<typeof metricQuery>[]): Series[] =>
  queries.flatMap(({ expression, id, metric }): Series[] => {
    if (expression !== undefined) return [{ kind: "math", id, math: parseMetricMath(expression) }];
    if (metric === undefined) return [];
    const { dimensions = {}, metric_name: name, namespace, stat } = metric;
    return [{ kind: "metric", id, metric: { namespace, name, dimensions }, statistic: stat }];
  });

/** Id of the only metric of an alarm that has no queries. */
const ONLY = "only";

export const metricAlarmType = memoryType({
  arguments: z.object({
    alarm_name: text,
    alarm_description: optionalText,
    namespace: optionalText,
    metric_name: optionalText,
    dimensions: optionalTextMap,
    statistic: statistic.optional(),
    extended_statistic: statistic.optional(),
    period: period.optional(),
    metric_query: blocks(metricQuery),
    comparison_operator: comparison,
    threshold: decimal,
    evaluation_periods: whole,
    datapoints_to_alarm: optionalWhole,
    treat_missing_data: z.enum(MISSING_DATA_TREATMENTS).optional(),
    actions_enabled: flag.default(true),
    alarm_actions: optionalTexts,
    ok_actions: optionalTexts,
    insufficient_data_actions: optionalTexts,
    // with a percentile of few values
    evaluate_low_sample_count_percentiles: z.literal("evaluate").optional(),
    // of anomaly detection
    threshold_metric_id: z.never().optional(),
  }),
  attributes: ({ alarm_name: name }) => ({ id: name, arn: simulatedArn("cloudwatch", `alarm:${name}`) }),
  describe: (values): MetricAlarm => {
    const { dimensions = {}, metric_name: name, metric_query: queries, namespace, period: ownPeriod } = values;
    const ownStatistic = values.statistic ?? values.extended_statistic;
    const single =
      name === undefined || namespace === undefined || ownStatistic === undefined
        ? []
        : [{ kind: "metric" as const, id: ONLY, metric: { namespace, name, dimensions }, statistic: ownStatistic }];
    const periods = [...new Set([ownPeriod, ...queries.map(({ metric }) => metric?.period)].filter((each) => each !== undefined))];
    const compared = [
      ...single.map(({ id }) => id),
      ...queries.flatMap(({ id, return_data: isReturned }) => (isReturned === true ? [id] : [])),
    ];
    const [periodSeconds, ...otherPeriods] = periods;
    const [comparedId, ...others] = compared;
    if (comparedId === undefined || others.length > 0)
      throw new RangeError(`${values.alarm_name} compares ${compared.length} series, not one`);
    if (periodSeconds === undefined || otherPeriods.length > 0)
      throw new RangeError(`${values.alarm_name} has the periods ${periods.join(", ")}, not one`);
    const series = [...single, ...seriesOf(queries)];
    const isOfDynamoDb = series.some((each) => each.kind === "metric" && each.metric.namespace === "AWS/DynamoDB");
    const actions = (arns: readonly string[] | undefined): readonly string[] => (values.actions_enabled ? (arns ?? []) : []);
    return {
      name: values.alarm_name,
      description: values.alarm_description ?? "",
      series,
      comparedId,
      periodSeconds,
      comparison: values.comparison_operator,
      threshold: values.threshold,
      evaluationPeriods: values.evaluation_periods,
      datapointsToAlarm: values.datapoints_to_alarm ?? values.evaluation_periods,
      // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
      missingData: values.treat_missing_data ?? (isOfDynamoDb ? "ignore" : "missing"),
      actions: {
        ALARM: actions(values.alarm_actions),
        OK: actions(values.ok_actions),
        INSUFFICIENT_DATA: actions(values.insufficient_data_actions),
      },
    };
  },
});

export const logMetricFilterType = memoryType({
  arguments: z.object({
    name: text,
    log_group_name: text,
    pattern: text,
    metric_transformation: block(
      z.object({
        name: text,
        namespace: text,
        value: text,
        default_value: optionalDecimal,
        unit: optionalText,
        // a dimension is a field of each line
        dimensions: textMap.refine((given) => Object.keys(given).length === 0, "dimensions are not carried out").nullish(),
      }),
    ),
  }),
  attributes: ({ name }) => ({ id: name }),
  describe: ({ log_group_name: logGroupName, metric_transformation: transformation, name, pattern }): LogMetricFilter => {
    if (transformation === undefined) throw new RangeError(`the metric filter ${name} makes no metric`);
    return {
      logGroupName,
      metric: { namespace: transformation.namespace, name: transformation.name, dimensions: {} },
      matches: parseLogPattern(pattern),
      valueOf: valueOf(pattern, transformation.value),
      ...(transformation.default_value === undefined ? {} : { defaultValue: transformation.default_value }),
    };
  },
});

export const logGroupType = memoryType({
  arguments: z.object({ name: text }),
  attributes: ({ name }) => ({ id: name, arn: simulatedArn("logs", `log-group:${name}`) }),
  describe: ({ name }) => ({ name }),
  ignores: { retention_in_days: "a world lasts for hours, or days" },
});

export const CLOUDWATCH_TYPES = {
  aws_cloudwatch_metric_alarm: metricAlarmType,
  aws_cloudwatch_log_metric_filter: logMetricFilterType,
  aws_cloudwatch_log_group: logGroupType,
};
