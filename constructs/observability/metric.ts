import type { AWS_METRICS } from "./aws-metrics";

/** Simple statistics, and the percentiles that are used. */
export type Statistic = "Average" | "Maximum" | "Minimum" | "SampleCount" | "Sum" | "p50" | "p99";

/** One metric as CloudWatch knows it, and what is taken of the values of a period. */
export interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly statistic: Statistic;
}

type Namespace = keyof typeof AWS_METRICS;
type MetricOf<N extends Namespace> = (typeof AWS_METRICS)[N]["metrics"][number];
type DimensionsOf<N extends Namespace> = Readonly<Record<(typeof AWS_METRICS)[N]["dimensions"][number], string>>;

/** A metric that an AWS service reports; one that the list doesn't have, and a dimension that is missing, don't compile. */
export const awsMetric = <N extends Namespace>(
  namespace: N,
  metricName: MetricOf<N>,
  dimensions: DimensionsOf<N>,
  statistic: Statistic,
): Metric => ({ namespace, metricName, dimensions, statistic });

/** What an alarm or a graph looks at: a metric, or what an expression makes of several of them. */
export type Measure =
  | { readonly metric: Metric }
  | {
      readonly label: string;
      /** CloudWatch's metric math over the names of `metrics`. */
      readonly expression: string;
      /** Names are letters, digits and underscores, and begin with a small letter. */
      readonly metrics: Readonly<Record<string, Metric>>;
    };

/**
 * The sum of what several resources report. What reports nothing counts nothing: Lambda and DynamoDB report no zeros of what never
 * happened, and a sum by `+` has no value where none of its parts has one.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const sumOf = (label: string, metrics: Readonly<Record<string, Metric>>): Measure => ({
  label,
  expression: `SUM([${Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(", ")}])`,
  metrics,
});

/** A name that metric math can use. */
export const metricId = (name: string): string => name.replaceAll("-", "_");
