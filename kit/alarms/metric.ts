/** What a metric is called: two that differ in a dimension are two metrics. */
export interface Metric {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: Readonly<Record<string, string>>;
}

/** The same text for the same metric, whatever the order of its dimensions. */
export const metricKey = ({ dimensions, name, namespace }: Metric): string =>
  JSON.stringify([namespace, name, Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : Number(a > b)))]);
