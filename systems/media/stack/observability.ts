import { Construct } from "constructs";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import type { WorkQueue } from "../../../constructs/messaging/work-queue";
import { addAlarm, alarmArnsOf, type AlarmNotice, type Severity } from "../../../constructs/observability/alarm";
import { AlertRoutes } from "../../../constructs/observability/alert-routes";
import { CostBudgets } from "../../../constructs/observability/cost-budgets";
import { Dashboard, type GraphLine } from "../../../constructs/observability/dashboard";
import { FunctionCountAlarm } from "../../../constructs/observability/function-alarms";
import { awsMetric, metricId, sumOf, type Metric, type Statistic } from "../../../constructs/observability/metric";
import { addSavedQuery } from "../../../constructs/observability/saved-query";
import type { PrivateBucket } from "../../../constructs/storage/private-bucket";
import type { Table } from "../../../constructs/storage/table";
import type { EnvironmentConfig } from "../config/schema";

export interface ObservabilityProps {
  readonly config: EnvironmentConfig;
  readonly accountId: string;
  readonly stackName: string;
  readonly input: PrivateBucket;
  readonly classify: NodeFunction;
  readonly uploads: Table;
  /** Queues that consumers are to take from, by what is in them. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Of uploads that no consumer takes. */
  readonly unknown: WorkQueue;
  readonly failedEvents: WorkQueue;
}

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;
const DAY_SECONDS = 86_400;

/** What watches the system (docs/observability.md). */
export class Observability extends Construct {
  readonly #props: ObservabilityProps;
  readonly #routes: AlertRoutes;

  public constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id);
    this.#props = props;
    const { accountId, config } = props;
    this.#routes = new AlertRoutes(this, "Routes", {
      prefix: `${config.namePrefix}media-alerts-`,
      region: config.region,
      accountId,
      subscribers: { critical: config.observability.criticalAlerts, warning: config.observability.warningAlerts },
    });
    this.#addQueueAlarms();
    this.#addFunctionAlarms();
    const { namePrefix, observability } = config;
    new CostBudgets(this, "Budgets", {
      budgetName: `${namePrefix}media-month`,
      monthlyDollars: observability.monthlyBudgetDollars,
      stackName: props.stackName,
      topics: this.#routes.topics,
    });
    this.#addQueries();
    this.#addDashboard();
  }

  #notice(what: string, severity: Severity, alarmDescription: string): AlarmNotice {
    const name = `media-${what}`;
    const { topics } = this.#routes;
    return { alarmName: this.#props.config.namePrefix + name, alarmDescription, runbookSection: name, severity, topics };
  }

  #addQueueAlarms(): void {
    const { failedEvents, queues, unknown } = this.#props;
    const visible = (queueName: string): Metric =>
      awsMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: queueName }, "Maximum");
    const holds = (id: string, notice: AlarmNotice, queueName: string): void => {
      addAlarm(this, id, {
        ...notice,
        measure: { metric: visible(queueName) },
        periodSeconds: MINUTE_SECONDS,
        goesOff: "from",
        threshold: 1,
      });
    };
    holds(
      "EventsFailed",
      this.#notice("events-failed", "critical", "Uploads were announced and not taken up: nothing will be done with them"),
      failedEvents.queueName,
    );
    holds("Unprocessable", this.#notice("unprocessable", "warning", "Uploads are of no type that can be processed"), unknown.queueName);
    addAlarm(this, "DeadLetters", {
      ...this.#notice("dead-letters", "warning", "Messages of uploads were given up on"),
      measure: sumOf(
        "messages that were given up on",
        Object.fromEntries(Object.entries(queues).map(([what, queue]) => [metricId(what), visible(queue.deadLetterQueueName)])),
      ),
      periodSeconds: MINUTE_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
  }

  #addFunctionAlarms(): void {
    const { classify, uploads } = this.#props;
    new FunctionCountAlarm(this, "ClassifyFails", {
      ...this.#notice("classify-failing", "critical", "Uploads can't be classified"),
      functions: { classify },
      counted: "Errors",
      // an event is tried three times within minutes: what fails on is not the event
      periods: 3,
      count: 1,
    });
    new FunctionCountAlarm(this, "ClassifyThrottled", {
      ...this.#notice("classify-throttled", "warning", "Lambda refuses runs: the account's concurrency is used up"),
      functions: { classify },
      counted: "Throttles",
      periods: 3,
      count: 1,
    });
    const throttled = (metricName: "ReadThrottleEvents" | "WriteThrottleEvents"): Metric =>
      awsMetric("AWS/DynamoDB", metricName, { TableName: uploads.tableName }, "Sum");
    addAlarm(this, "TableThrottled", {
      ...this.#notice("table-throttled", "warning", "DynamoDB refuses calls, and events are taken up late"),
      measure: sumOf("throttled calls", { reads: throttled("ReadThrottleEvents"), writes: throttled("WriteThrottleEvents") }),
      periodSeconds: FIVE_MINUTES_SECONDS,
      periods: 3,
      goesOff: "from",
      threshold: 1,
    });
  }

  #addQueries(): void {
    const { classify, config } = this.#props;
    const save = (place: string, name: string, ...commands: readonly string[]): void => {
      const queryName = `${config.namePrefix}media/${name}`;
      addSavedQuery(this, place, { queryName, logGroupNames: [classify.logGroupName], commands });
    };
    save("Errors", "errors", 'filter level = "ERROR"', "stats count(*) as lines by service, message, error.name", "sort lines desc");
    save(
      "UnprocessableUploads",
      "uploads that can't be processed",
      'filter message = "upload_not_processable"',
      "fields @timestamp, bucket, key, problem",
      "sort @timestamp desc",
      "limit 100",
    );
    save(
      "Upload",
      "one upload's story",
      '# put the upload\'s id here: filter uploadId = "…"',
      "filter ispresent(uploadId)",
      "fields @timestamp, message, bucket, key, type, processingOption, problem",
      "sort @timestamp asc",
      "limit 1000",
    );
  }

  #addDashboard(): void {
    const { classify, config, failedEvents, input, queues, unknown, uploads } = this.#props;
    const all: Readonly<Record<string, WorkQueue>> = { ...queues, unknown, failedEvents };
    const queueLines = (metric: QueueMetric, statistic: Statistic, nameOf = ({ queueName }: WorkQueue): string => queueName): GraphLine[] =>
      Object.entries(all).map(([label, queue]) => ({
        label,
        measure: { metric: awsMetric("AWS/SQS", metric, { QueueName: nameOf(queue) }, statistic) },
      }));
    const lambda = (label: string, metric: FunctionMetric, statistic: Statistic): GraphLine => ({
      label,
      measure: { metric: awsMetric("AWS/Lambda", metric, { FunctionName: classify.functionName }, statistic) },
    });
    const table = (label: string, metric: TableMetric): GraphLine => ({
      label,
      measure: { metric: awsMetric("AWS/DynamoDB", metric, { TableName: uploads.tableName }, "Sum") },
    });
    const bucket = (label: string, metric: "BucketSizeBytes" | "NumberOfObjects", StorageType: string): GraphLine => ({
      label,
      measure: { metric: awsMetric("AWS/S3", metric, { BucketName: input.bucketName, StorageType }, "Average") },
    });
    new Dashboard(this, "Dashboard", {
      dashboardName: `${config.namePrefix}media`,
      region: config.region,
      alarmArns: alarmArnsOf(this),
      sections: [
        {
          heading: "Uploads",
          graphs: [
            { title: "Uploads by type", isStacked: true, lines: queueLines("NumberOfMessagesSent", "Sum") },
            { title: "Waiting", lines: queueLines("ApproximateNumberOfMessagesVisible", "Maximum") },
            { title: "Oldest message in s", lines: queueLines("ApproximateAgeOfOldestMessage", "Maximum") },
            { title: "Received", lines: queueLines("NumberOfMessagesReceived", "Sum") },
            {
              title: "Dead letters",
              lines: queueLines("ApproximateNumberOfMessagesVisible", "Maximum", ({ deadLetterQueueName }) => deadLetterQueueName),
            },
          ],
        },
        {
          heading: "Classify, table and bucket",
          graphs: [
            {
              title: "Runs",
              lines: [lambda("runs", "Invocations", "Sum"), lambda("errors", "Errors", "Sum"), lambda("throttles", "Throttles", "Sum")],
            },
            { title: "Time of a run in ms", lines: [lambda("median", "Duration", "p50"), lambda("longest", "Duration", "Maximum")] },
            { title: "At the same time", lines: [lambda("runs", "ConcurrentExecutions", "Maximum")] },
            {
              title: "Units used, and calls refused",
              lines: [
                table("reads", "ConsumedReadCapacityUnits"),
                table("writes", "ConsumedWriteCapacityUnits"),
                table("reads refused", "ReadThrottleEvents"),
                table("writes refused", "WriteThrottleEvents"),
              ],
            },
            {
              title: "Bytes stored (S3 Standard)",
              periodSeconds: DAY_SECONDS,
              lines: [bucket("input", "BucketSizeBytes", "StandardStorage")],
            },
            { title: "Objects stored", periodSeconds: DAY_SECONDS, lines: [bucket("input", "NumberOfObjects", "AllStorageTypes")] },
          ],
        },
      ],
    });
  }
}

type QueueMetric = Parameters<typeof awsMetric<"AWS/SQS">>[1];
type FunctionMetric = Parameters<typeof awsMetric<"AWS/Lambda">>[1];
type TableMetric = Parameters<typeof awsMetric<"AWS/DynamoDB">>[1];
