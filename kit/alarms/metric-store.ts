import { metricKey, type Metric } from "./metric";
import type { Statistic } from "./statistic";

const MINUTE = 60_000;

/** The values of one metric, by the minute in which they were reported. */
export class MetricValues {
  private readonly minutes = new Map<number, number[]>();
  private latest = Number.NEGATIVE_INFINITY;

  /** @param at milliseconds since the epoch; it may be in the past, as Lambda reports an invocation at its end for when it began */
  public add(at: number, value: number): void {
    const minute = Math.floor(at / MINUTE);
    this.latest = Math.max(this.latest, minute);
    const values = this.minutes.get(minute);
    if (values === undefined) this.minutes.set(minute, [value]);
    else values.push(value);
  }

  /** @returns undefined when nothing was reported from `from` (included) to `until` (excluded), both whole minutes in milliseconds */
  public datapoint(from: number, until: number, statistic: Statistic): number | undefined {
    const first = from / MINUTE;
    if (first > this.latest) return undefined;
    const values: number[] = [];
    for (let minute = first; minute < until / MINUTE; minute += 1) values.push(...(this.minutes.get(minute) ?? []));
    return values.length === 0 ? undefined : statistic(values);
  }
}

/**
 * The metrics that somebody looks at; what is reported of any other is dropped, so that reporting costs nothing where nobody looks. Kept
 * by the minute, the resolution of AWS's own metrics.
 */
export class MetricStore {
  private readonly watched = new Map<string, MetricValues>();

  /** @returns the metric's values, from now on */
  public watch(metric: Metric): MetricValues {
    const key = metricKey(metric);
    const before = this.watched.get(key);
    if (before !== undefined) return before;
    const values = new MetricValues();
    this.watched.set(key, values);
    return values;
  }

  /** @returns undefined where nobody looks */
  public watchedValues(metric: Metric): MetricValues | undefined {
    return this.watched.get(metricKey(metric));
  }

  public add(metric: Metric, at: number, value: number): void {
    this.watchedValues(metric)?.add(at, value);
  }
}
