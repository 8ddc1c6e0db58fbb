import type { Metric } from "../../alarms/metric";
import { METRIC_DIMENSION, METRIC_NAMESPACE, type EventMetrics } from "../../lib/event-metrics";
import type { VirtualTime } from "../kernel/virtual-time";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

/** Metrics that lines of the log carry, and whose they are. */
export interface OwnMetrics {
  /** All that any process's lines carry. */
  readonly events: EventMetrics;
  /** The one dimension's value. */
  readonly system: string;
}

/**
 * What CloudWatch makes of lines in the embedded format.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export class LineMetrics implements MetricSource {
  public constructor(
    private readonly own: OwnMetrics,
    private readonly time: Pick<VirtualTime, "now">,
    private readonly sink: MetricSink,
  ) {}

  public supplies(metric: Metric): boolean {
    return (
      hasOnly(metric, METRIC_NAMESPACE, METRIC_DIMENSION) &&
      metric.dimensions[METRIC_DIMENSION] === this.own.system &&
      Object.values(this.own.events).some((metrics) => metrics.some(({ name }) => name === metric.name))
    );
  }

  /** @param carried what lines of that process carry */
  public add(carried: EventMetrics, event: string, fields: Readonly<Record<string, unknown>>): void {
    for (const { field, name } of carried[event] ?? []) {
      const value = field === undefined ? 1 : fields[field];
      if (typeof value !== "number") throw new TypeError(`a line ${event} has no number ${String(field)} for its metric ${name}`);
      const dimensions = { [METRIC_DIMENSION]: this.own.system };
      this.sink.add({ namespace: METRIC_NAMESPACE, name, dimensions }, this.time.now(), value);
    }
  }
}
