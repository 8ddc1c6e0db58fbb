import { metricKey, type Metric } from "./metric";
import type { MetricStore } from "./metric-store";

/** A filter that makes a metric of a log group's lines. */
export interface LogMetricFilter {
  readonly logGroupName: string;
  readonly metric: Metric;
  readonly matches: (line: unknown) => boolean;
  /** What a line that matches adds. undefined: nothing */
  readonly valueOf: (line: unknown) => number | undefined;
  /** What a line that doesn't match adds. @default nothing */
  readonly defaultValue?: number;
}

/** CloudWatch Logs, as far as it makes metrics of lines. */
export class LogMetrics {
  private readonly byGroup = new Map<string, LogMetricFilter[]>();

  public constructor(
    filters: readonly LogMetricFilter[],
    private readonly store: MetricStore,
  ) {
    for (const filter of filters) {
      const others = this.byGroup.get(filter.logGroupName);
      if (others === undefined) this.byGroup.set(filter.logGroupName, [filter]);
      else others.push(filter);
    }
  }

  /** Whether some filter makes this metric. */
  public supplies(metric: Metric): boolean {
    const key = metricKey(metric);
    return [...this.byGroup.values()].flat().some((filter) => metricKey(filter.metric) === key);
  }

  /** @param line the parsed line */
  public add(logGroupName: string, at: number, line: unknown): void {
    for (const { defaultValue, matches, metric, valueOf } of this.byGroup.get(logGroupName) ?? []) {
      const value = matches(line) ? valueOf(line) : defaultValue;
      if (value !== undefined) this.store.add(metric, at, value);
    }
  }
}
