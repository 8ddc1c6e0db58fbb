import { Construct } from "constructs";
import type { NodeFunction } from "../../../constructs/functions/node-function";
import type { WorkQueue } from "../../../constructs/messaging/work-queue";
import { addAlarm, type AlarmNotice, type Severity } from "../../../constructs/observability/alarm";
import { AlertRoutes } from "../../../constructs/observability/alert-routes";
import { FunctionCountAlarm } from "../../../constructs/observability/function-alarms";
import { awsMetric, metricId, sumOf, type Metric } from "../../../constructs/observability/metric";
import type { Table } from "../../../constructs/storage/table";
import type { EnvironmentConfig } from "../config/schema";

export interface ObservabilityProps {
  readonly config: EnvironmentConfig;
  readonly accountId: string;
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
}
