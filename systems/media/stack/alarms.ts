import type { Construct } from "constructs";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import type { WorkQueue } from "../../../constructs/messaging/work-queue";
import { addAlarm, type AlarmNotice, type AlertTopics, type Severity } from "../../../constructs/observability/alarm";
import { FunctionCountAlarm } from "../../../constructs/observability/function-alarms";
import { awsMetric, metricId, sumOf, type Metric } from "../../../constructs/observability/metric";
import type { PrivateBucket } from "../../../constructs/storage/private-bucket";
import type { Table } from "../../../constructs/storage/table";
import type { EnvironmentConfig } from "../config/schema";

/** What is watched. */
export interface WatchedParts {
  readonly config: EnvironmentConfig;
  readonly input: PrivateBucket;
  readonly classify: NodeFunction;
  readonly uploads: Table;
  /** Queues that consumers are to take from, by what is in them. */
  readonly queues: Readonly<Record<string, WorkQueue>>;
  /** Of uploads that no consumer takes. */
  readonly unknown: WorkQueue;
  readonly failedEvents: WorkQueue;
}

type NoticeOf = (what: string, severity: Severity, alarmDescription: string) => AlarmNotice;

const MINUTE_SECONDS = 60;
const FIVE_MINUTES_SECONDS = 300;

/** What tells of trouble: docs/runbook.md has a section for each. */
export function addAlarms(scope: Construct, parts: WatchedParts, topics: AlertTopics): void {
  const notice: NoticeOf = (what, severity, alarmDescription) => {
    const name = `media-${what}`;
    return { alarmName: parts.config.namePrefix + name, alarmDescription, runbookSection: name, severity, topics };
  };
  addQueueAlarms(scope, parts, notice);
  addServiceAlarms(scope, parts, notice);
}

function addQueueAlarms(scope: Construct, { failedEvents, queues, unknown }: WatchedParts, notice: NoticeOf): void {
  const visible = (queueName: string): Metric =>
    awsMetric("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: queueName }, "Maximum");
  const holds = (id: string, told: AlarmNotice, queueName: string): void => {
    addAlarm(scope, id, {
      ...told,
      measure: { metric: visible(queueName) },
      periodSeconds: MINUTE_SECONDS,
      goesOff: "from",
      threshold: 1,
    });
  };
  holds(
    "EventsFailed",
    notice("events-failed", "critical", "Uploads were announced and not taken up: nothing will be done with them"),
    failedEvents.queueName,
  );
  holds("Unprocessable", notice("unprocessable", "warning", "Uploads are of no type that can be processed"), unknown.queueName);
  addAlarm(scope, "DeadLetters", {
    ...notice("dead-letters", "warning", "Messages of uploads were given up on"),
    measure: sumOf(
      "messages that were given up on",
      Object.fromEntries(Object.entries(queues).map(([what, queue]) => [metricId(what), visible(queue.deadLetterQueueName)])),
    ),
    periodSeconds: MINUTE_SECONDS,
    goesOff: "from",
    threshold: 1,
  });
}

function addServiceAlarms(scope: Construct, { classify, uploads }: WatchedParts, notice: NoticeOf): void {
  new FunctionCountAlarm(scope, "ClassifyFails", {
    ...notice("classify-failing", "critical", "Uploads can't be classified"),
    functions: { classify },
    counted: "Errors",
    // an event is tried three times within minutes: what fails on is not the event
    periods: 3,
    count: 1,
  });
  new FunctionCountAlarm(scope, "ClassifyThrottled", {
    ...notice("classify-throttled", "warning", "Lambda refuses runs: the account's concurrency is used up"),
    functions: { classify },
    counted: "Throttles",
    periods: 3,
    count: 1,
  });
  const throttled = (metricName: "ReadThrottleEvents" | "WriteThrottleEvents"): Metric =>
    awsMetric("AWS/DynamoDB", metricName, { TableName: uploads.tableName }, "Sum");
  addAlarm(scope, "TableThrottled", {
    ...notice("table-throttled", "warning", "DynamoDB refuses calls, and events are taken up late"),
    measure: sumOf("throttled calls", { reads: throttled("ReadThrottleEvents"), writes: throttled("WriteThrottleEvents") }),
    periodSeconds: FIVE_MINUTES_SECONDS,
    periods: 3,
    goesOff: "from",
    threshold: 1,
  });
}
