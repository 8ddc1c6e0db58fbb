import type { Metric } from "../../alarms/metric";
import type { Random } from "../kernel/random";
import { HOUR, MINUTE } from "../kernel/times";
import type { MemoryQueue, QueueFigures } from "../memory/memory-queue";
import type { StackModel } from "../stack/stack-model";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

const NAMESPACE = "AWS/SQS";
/**
 * A queue that holds nothing and that nobody called for so long reports nothing any more.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 */
const ACTIVE_MILLISECONDS = 6 * HOUR;
/** A queue that wakes up reports within this time. The same page. */
const LONGEST_WAKING_MILLISECONDS = 15 * MINUTE;

/** What counts since the minute before. */
const COUNTS = {
  NumberOfMessagesSent: "sent",
  NumberOfMessagesReceived: "received",
  NumberOfMessagesDeleted: "deleted",
  NumberOfEmptyReceives: "emptyReceives",
} as const satisfies Readonly<Record<string, keyof QueueFigures>>;
/** What is so when the minute ends; the two last ones are reported only where there are such messages. */
const GAUGES = {
  ApproximateNumberOfMessagesVisible: "visible",
  ApproximateNumberOfMessagesNotVisible: "inFlight",
  ApproximateNumberOfMessagesDelayed: "delayed",
} as const satisfies Readonly<Record<string, keyof QueueFigures>>;
const AGE = "ApproximateAgeOfOldestMessage";

interface Watched {
  readonly name: string;
  readonly queue: MemoryQueue;
  before: QueueFigures;
  /** When it reports again. undefined: it sleeps */
  reportsFrom: number | undefined;
}

/**
 * What SQS reports of a stack's queues, once a minute.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
 */
export class QueueMetrics implements MetricSource {
  private readonly queues: readonly Watched[];

  public constructor(
    model: Pick<StackModel, "queues">,
    queueAt: (url: string) => MemoryQueue,
    private readonly sink: MetricSink,
    private readonly random: Random,
  ) {
    this.queues = model.queues.map(({ name, url }) => {
      const queue = queueAt(url);
      return { name, queue, before: queue.figures, reportsFrom: undefined };
    });
  }

  public supplies(metric: Metric): boolean {
    const isKnown = metric.name in COUNTS || metric.name in GAUGES || metric.name === AGE;
    return isKnown && hasOnly(metric, NAMESPACE, "QueueName") && this.queues.some(({ name }) => name === metric.dimensions["QueueName"]);
  }

  public report(minuteStart: number): void {
    for (const watched of this.queues) this.reportQueue(watched, minuteStart);
  }

  private reportQueue(watched: Watched, minuteStart: number): void {
    const { before, name: QueueName, queue } = watched;
    const figures = queue.figures;
    watched.before = figures;
    const isActive =
      figures.visible + figures.inFlight + figures.delayed > 0 ||
      (figures.calledAt !== undefined && figures.calledAt + ACTIVE_MILLISECONDS >= minuteStart);
    if (!isActive) {
      watched.reportsFrom = undefined;
      return;
    }
    watched.reportsFrom ??= minuteStart + this.random.int(0, LONGEST_WAKING_MILLISECONDS);
    if (minuteStart < watched.reportsFrom) return;
    const add = (name: string, value: number): void => {
      this.sink.add({ namespace: NAMESPACE, name, dimensions: { QueueName } }, minuteStart, value);
    };
    for (const [name, figure] of Object.entries(COUNTS)) add(name, figures[figure] - before[figure]);
    for (const [name, figure] of Object.entries(GAUGES)) if (figure === "visible" || figures[figure] > 0) add(name, figures[figure]);
    if (figures.oldestSince !== undefined) add(AGE, (minuteStart + MINUTE - figures.oldestSince) / 1_000);
  }
}
