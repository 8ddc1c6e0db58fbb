import type { Metric } from "../../alarms/metric";
import type { MetricStore } from "../../alarms/metric-store";

/** A service that reports metrics. */
export interface MetricSource {
  /** Whether the metric is one of those that it reports, some day. */
  readonly supplies: (metric: Metric) => boolean;
  /** Reports a minute that is over. @param minuteStart milliseconds since the epoch. @default it reports what happens when it does */
  readonly report?: (minuteStart: number) => void;
}

/** Where sources put what they report. */
export type MetricSink = Pick<MetricStore, "add">;

/** A metric of an AWS service about one thing. */
export const hasOnly = (metric: Metric, namespace: string, dimension: string): boolean =>
  metric.namespace === namespace && Object.keys(metric.dimensions).join() === dimension;
