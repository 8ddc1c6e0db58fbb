import {
  DeleteAlarms$,
  DescribeAlarms$,
  DisableAlarmActions$,
  EnableAlarmActions$,
  GetMetricData$,
  GetMetricStatistics$,
  ListTagsForResource$,
  PutMetricAlarm$,
  TagResource$,
  UntagResource$,
  type DeleteAlarmsCommand,
  type DescribeAlarmsCommand,
  type DisableAlarmActionsCommand,
  type EnableAlarmActionsCommand,
  type GetMetricDataCommand,
  type GetMetricStatisticsCommand,
  type ListTagsForResourceCommand,
  type MetricAlarm,
  type PutMetricAlarmCommand,
  type Tag,
  type TagResourceCommand,
  type UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Metric } from "../../alarms/metric";
import type { Statistic } from "../../alarms/statistic";
import { operation, operationsOf, type Service } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import { knownStatistic, metricOf } from "./alarm-of";
import type { AlarmRecord, LocalAlarms } from "./local-alarms";
import type { OperationContext } from "./operation-context";

const SECOND = 1_000;
const MINUTE_SECONDS = 60;

/** Alarms, and the metrics that they are about; the emulator has everything else of CloudWatch. */
export function cloudWatchService({ place, scaling }: OperationContext, alarms: LocalAlarms): Service {
  const { clock } = scaling;
  const tags = new Map<string, Map<string, Tag>>();
  const arnOf = (name: string): string => `arn:aws:cloudwatch:${place}:alarm:${name}`;
  const tag = (arn: string, given: readonly Tag[]): void => {
    const known = tags.get(arn) ?? new Map<string, Tag>();
    for (const each of given) known.set(needed(each.Key, "Key"), each);
    tags.set(arn, known);
  };
  return {
    name: "monitoring",
    dialect: "query",
    xmlNamespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    operations: operationsOf([
      operation<PutMetricAlarmCommand>(PutMetricAlarm$, ({ Tags, ...request }) => {
        const name = needed(request.AlarmName, "AlarmName");
        alarms.put(name, request, clock.now());
        tag(arnOf(name), Tags ?? []);
        return {};
      }),
      operation<DescribeAlarmsCommand>(DescribeAlarms$, ({ ActionPrefix = "", AlarmNamePrefix = "", AlarmNames: names, StateValue }) => ({
        CompositeAlarms: [],
        MetricAlarms: alarms.all
          .map((record) => describedAlarm(record, arnOf(record.request.AlarmName ?? "")))
          .filter(
            ({ AlarmName = "" }) =>
              (names === undefined || names.length === 0 || names.includes(AlarmName)) && AlarmName.startsWith(AlarmNamePrefix),
          )
          .filter((alarm) => StateValue === undefined || alarm.StateValue === StateValue)
          .filter((alarm) => ActionPrefix === "" || actionsOf(alarm).some((arn) => arn.startsWith(ActionPrefix))),
      })),
      operation<DeleteAlarmsCommand>(DeleteAlarms$, ({ AlarmNames }) => {
        for (const name of needed(AlarmNames, "AlarmNames")) {
          alarms.remove(name);
          tags.delete(arnOf(name));
        }
        return {};
      }),
      operation<EnableAlarmActionsCommand>(EnableAlarmActions$, ({ AlarmNames }) => {
        for (const name of needed(AlarmNames, "AlarmNames")) alarms.setActionsEnabled(name, true);
        return {};
      }),
      operation<DisableAlarmActionsCommand>(DisableAlarmActions$, ({ AlarmNames }) => {
        for (const name of needed(AlarmNames, "AlarmNames")) alarms.setActionsEnabled(name, false);
        return {};
      }),
      operation<ListTagsForResourceCommand>(ListTagsForResource$, ({ ResourceARN }) => ({
        Tags: [...(tags.get(needed(ResourceARN, "ResourceARN"))?.values() ?? [])],
      })),
      operation<TagResourceCommand>(TagResource$, ({ ResourceARN, Tags }) => {
        tag(needed(ResourceARN, "ResourceARN"), needed(Tags, "Tags"));
        return {};
      }),
      operation<UntagResourceCommand>(UntagResource$, ({ ResourceARN, TagKeys }) => {
        for (const key of needed(TagKeys, "TagKeys")) tags.get(needed(ResourceARN, "ResourceARN"))?.delete(key);
        return {};
      }),
      operation<GetMetricStatisticsCommand>(GetMetricStatistics$, (request) => {
        const statistics = needed(request.Statistics, "Statistics");
        const points = datapoints(alarms, metricOf(request), request, needed(request.Period, "Period"));
        return {
          Label: needed(request.MetricName, "MetricName"),
          Datapoints: points.flatMap(({ at, of }) => {
            const values = statistics.flatMap((name) => [[name, of(knownStatistic(name))] as const]);
            return values.every(([, value]) => value === undefined)
              ? []
              : [{ Timestamp: new Date(at), ...Object.fromEntries(values), Unit: "Count" }];
          }),
        };
      }),
      operation<GetMetricDataCommand>(GetMetricData$, ({ MetricDataQueries, ScanBy = "TimestampDescending", ...range }) => ({
        MetricDataResults: needed(MetricDataQueries, "MetricDataQueries").map(({ Id, Label, MetricStat }) => {
          const { Metric: metric, Period, Stat } = needed(MetricStat, "MetricStat");
          const of = knownStatistic(Stat);
          const found = datapoints(alarms, metricOf(metric ?? {}), range, needed(Period, "Period")).flatMap((point) => {
            const value = point.of(of);
            return value === undefined ? [] : [{ at: point.at, value }];
          });
          if (ScanBy === "TimestampDescending") found.reverse();
          return {
            Id: needed(Id, "Id"),
            Label: Label ?? metric?.MetricName ?? "",
            Timestamps: found.map(({ at }) => new Date(at)),
            Values: found.map(({ value }) => value),
            StatusCode: "Complete" as const,
          };
        }),
      })),
    ]),
  };
}

function describedAlarm({ changedAt, configuredAt, request, state, stateReason }: AlarmRecord, arn: string): MetricAlarm {
  return {
    ...request,
    AlarmArn: arn,
    ActionsEnabled: request.ActionsEnabled ?? true,
    OKActions: request.OKActions ?? [],
    AlarmActions: request.AlarmActions ?? [],
    InsufficientDataActions: request.InsufficientDataActions ?? [],
    Dimensions: request.Dimensions ?? [],
    StateValue: state,
    StateReason: stateReason,
    StateUpdatedTimestamp: new Date(changedAt),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
  };
}

const actionsOf = ({ AlarmActions = [], InsufficientDataActions = [], OKActions = [] }: MetricAlarm): string[] => [
  ...AlarmActions,
  ...InsufficientDataActions,
  ...OKActions,
];

interface TimeRange {
  readonly StartTime?: Date | undefined;
  readonly EndTime?: Date | undefined;
}

/** The periods of a range, in their order. */
function datapoints(alarms: LocalAlarms, metric: Metric, { EndTime, StartTime }: TimeRange, periodSeconds: number) {
  if (periodSeconds % MINUTE_SECONDS !== 0 || periodSeconds <= 0)
    throw new ServiceError(
      "InvalidParameterValue",
      `a period of ${periodSeconds} s is not known to the local run, which counts by the minute`,
    );
  const values = alarms.store.watch(metric);
  const period = periodSeconds * SECOND;
  const from = Math.floor(needed(StartTime, "StartTime").getTime() / period) * period;
  const until = needed(EndTime, "EndTime").getTime();
  const points: { readonly at: number; readonly of: (statistic: Statistic) => number | undefined }[] = [];
  for (let at = from; at < until; at += period) points.push({ at, of: (statistic) => values.datapoint(at, at + period, statistic) });
  return points;
}
