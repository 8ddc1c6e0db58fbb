import { CloudWatchClient, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import type { ComparisonOperator, MetricDataQuery, Statistic } from "@aws-sdk/client-cloudwatch";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  PutMetricFilterCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import type { RuleState } from "@aws-sdk/client-eventbridge";
import { z } from "zod";
import {
  block,
  blocks,
  decimal,
  optionalFlag,
  optionalText,
  optionalTextMap,
  optionalTexts,
  optionalWhole,
  text,
  whole,
} from "../../../graph/arguments";
import { answered, defined, recorded, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const logGroupType = resourceType(
  z.object({ name: text, retention_in_days: optionalWhole }),
  async ({ name, retention_in_days: days }, { clients, region, accountId }) => {
    await clients.of(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName: name }));
    if (days !== undefined && days > 0)
      await clients.of(CloudWatchLogsClient).send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays: days }));
    return { id: name, arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}` };
  },
);

const metricQuery = z.object({
  id: text,
  label: optionalText,
  expression: optionalText,
  return_data: optionalFlag,
  metric: block(z.object({ namespace: text, metric_name: text, dimensions: optionalTextMap, stat: text, period: whole })),
});

const dimensionsOf = (dimensions: Readonly<Record<string, string>> = {}): { Name: string; Value: string }[] =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

function metricOf({ expression, id, label, metric, return_data }: z.output<typeof metricQuery>): MetricDataQuery {
  return {
    ...defined({ Label: label, Expression: expression }),
    Id: id,
    // unset it is true in the API; in Terraform it is false
    ReturnData: return_data ?? false,
    ...(metric === undefined
      ? {}
      : {
          MetricStat: {
            Metric: { Namespace: metric.namespace, MetricName: metric.metric_name, Dimensions: dimensionsOf(metric.dimensions) },
            Stat: metric.stat,
            Period: metric.period,
          },
        }),
  };
}
const metricFilterType = resourceType(
  z.object({
    name: text,
    log_group_name: text,
    pattern: text,
    metric_transformation: z.object({ name: text, namespace: text, value: text }),
  }),
  async ({ log_group_name: logGroupName, metric_transformation: metric, name, pattern }, { clients }) => {
    await clients.of(CloudWatchLogsClient).send(
      new PutMetricFilterCommand({
        filterName: name,
        filterPattern: pattern,
        logGroupName,
        metricTransformations: [{ metricName: metric.name, metricNamespace: metric.namespace, metricValue: metric.value }],
      }),
    );
    return { id: name };
  },
  recorded("it would count lines for an alarm that nobody of a local run waits for"),
);

const alarmType = resourceType(
  z.object({
    alarm_name: text,
    alarm_description: optionalText,
    namespace: optionalText,
    metric_name: optionalText,
    dimensions: optionalTextMap,
    statistic: optionalText,
    period: optionalWhole,
    metric_query: blocks(metricQuery),
    evaluation_periods: whole,
    datapoints_to_alarm: optionalWhole,
    comparison_operator: text,
    threshold: decimal,
    treat_missing_data: optionalText,
    actions_enabled: optionalFlag,
    alarm_actions: optionalTexts,
    ok_actions: optionalTexts,
  }),
  async (values, { clients, region, accountId }) => {
    await clients.of(CloudWatchClient).send(
      new PutMetricAlarmCommand({
        ...defined({
          AlarmDescription: values.alarm_description,
          DatapointsToAlarm: values.datapoints_to_alarm,
          TreatMissingData: values.treat_missing_data,
          ActionsEnabled: values.actions_enabled,
          AlarmActions: values.alarm_actions,
          OKActions: values.ok_actions,
          Namespace: values.namespace,
          MetricName: values.metric_name,
          Statistic: values.statistic as Statistic | undefined,
          Period: values.period,
          Dimensions: values.dimensions === undefined ? undefined : dimensionsOf(values.dimensions),
          Metrics: values.metric_query.length === 0 ? undefined : values.metric_query.map(metricOf),
        }),
        AlarmName: values.alarm_name,
        EvaluationPeriods: values.evaluation_periods,
        ComparisonOperator: values.comparison_operator as ComparisonOperator,
        Threshold: values.threshold,
      }),
    );
    return { id: values.alarm_name, arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${values.alarm_name}` };
  },
  {
    type: {
      instead: "alarms on the depth of queues and on groups are evaluated, and carry out policies; of all others there is a record",
      reason: "nothing else reports metrics there, and nobody of a local run waits for a message; `simulate:alarms` evaluates all of them",
    },
  },
);

const ruleType = resourceType(
  z.object({
    name: text,
    description: optionalText,
    schedule_expression: optionalText,
    event_pattern: optionalText,
    event_bus_name: optionalText,
    state: optionalText,
  }),
  async (values, { clients }) => {
    const { RuleArn } = await clients.of(EventBridgeClient).send(
      new PutRuleCommand({
        ...defined({
          Description: values.description,
          ScheduleExpression: values.schedule_expression,
          EventPattern: values.event_pattern,
          EventBusName: values.event_bus_name,
          State: values.state as RuleState | undefined,
        }),
        Name: values.name,
      }),
    );
    return { id: values.name, arn: answered(RuleArn, "RuleArn") };
  },
);

const targetType = resourceType(
  z.object({
    rule: text,
    arn: text,
    target_id: optionalText,
    event_bus_name: optionalText,
    role_arn: optionalText,
    input: optionalText,
    dead_letter_config: block(z.object({ arn: text })),
  }),
  async (values, { clients }) => {
    // Terraform invents an id for a target without one; a rule has few targets, and their ARNs tell them apart
    const Id = values.target_id ?? `terraform-${values.arn.replace(/[^A-Za-z0-9._-]/g, "-").slice(-40)}`;
    const { FailedEntries } = await clients.of(EventBridgeClient).send(
      new PutTargetsCommand({
        ...defined({ EventBusName: values.event_bus_name }),
        Rule: values.rule,
        Targets: [
          {
            ...defined({
              RoleArn: values.role_arn,
              Input: values.input,
              DeadLetterConfig: values.dead_letter_config === undefined ? undefined : { Arn: values.dead_letter_config.arn },
            }),
            Id,
            Arn: values.arn,
          },
        ],
      }),
    );
    const [failed] = FailedEntries ?? [];
    if (failed !== undefined) throw new Error(`${failed.ErrorCode ?? "failed"}: ${failed.ErrorMessage ?? "the target was refused"}`);
    return { id: `${values.rule}-${Id}`, target_id: Id };
  },
);

export const MONITORING_TYPES = {
  aws_cloudwatch_event_rule: ruleType,
  aws_cloudwatch_event_target: targetType,
  aws_cloudwatch_log_group: logGroupType,
  aws_cloudwatch_log_metric_filter: metricFilterType,
  aws_cloudwatch_metric_alarm: alarmType,
} satisfies Record<string, ResourceType>;
