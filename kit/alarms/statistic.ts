/**
 * What a datapoint says of the values that were reported within its period. Percentiles are of the kind `p99` or `p99.9`; trimmed means
 * and their like are not.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export type Statistic = (values: readonly number[]) => number;

const sum: Statistic = (values) => values.reduce((total, value) => total + value, 0);

const SIMPLE: Readonly<Record<string, Statistic>> = {
  SampleCount: (values) => values.length,
  Sum: sum,
  Average: (values) => sum(values) / values.length,
  Minimum: (values) => values.reduce((least, value) => Math.min(least, value)),
  Maximum: (values) => values.reduce((most, value) => Math.max(most, value)),
};

/** The nearest rank: CloudWatch's own estimate lies between it and its neighbour. */
const percentile =
  (percent: number): Statistic =>
  (values) => {
    const sorted = [...values].sort((a, b) => a - b);
    const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length));
    return sorted[rank - 1] ?? Number.NaN;
  };

/** @returns undefined for a statistic that is not known here */
export function statisticOf(name: string): Statistic | undefined {
  const [, digits] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(name) ?? [];
  return digits === undefined ? SIMPLE[name] : percentile(Number(digits));
}
