import { Metrics } from "@aws-lambda-powertools/metrics";
import { METRIC_DIMENSION, METRIC_NAMESPACE, type EventMetric, type EventMetrics } from "../lib/event-metrics";

/** What a line of the log gets besides its fields, so that CloudWatch makes metrics of it. */
export type MetricsOfLine = (event: string, fields: Readonly<Record<string, unknown>>, atMilliseconds: number) => object;

/** Of an event without metrics. */
const NONE = {};

/**
 * Metrics in CloudWatch's embedded format: they come with the line, cost no call and no permission, and whoever has no CloudWatch has a
 * longer line, no more.
 *
 * @param system the one dimension's value
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function embeddedMetrics(events: EventMetrics, system: string): MetricsOfLine {
  const metrics = new Metrics({ namespace: METRIC_NAMESPACE });
  return (event, fields, atMilliseconds) => {
    const known = Object.hasOwn(events, event) ? events[event] : undefined;
    if (known === undefined) return NONE;
    // the process's own name would make a metric of each process
    metrics.clearDefaultDimensions();
    metrics.addDimension(METRIC_DIMENSION, system);
    metrics.setTimestamp(atMilliseconds);
    for (const metric of known) metrics.addMetric(metric.name, metric.unit, valueOf(metric, fields));
    const serialized = metrics.serializeMetrics();
    metrics.clearMetrics();
    metrics.clearDimensions();
    return serialized;
  };
}

/** Whoever logs the event has typed fields (MetricFields). */
const valueOf = ({ field }: EventMetric, fields: Readonly<Record<string, unknown>>): number =>
  field === undefined ? 1 : Number(fields[field]);
