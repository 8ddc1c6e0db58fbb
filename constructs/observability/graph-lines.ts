import type { GraphLine } from "./dashboard";
import type { NamedFunctions } from "./function-alarms";
import { awsMetric, type Metric, type Statistic } from "./metric";

type MetricOf<Namespace extends Parameters<typeof awsMetric>[0]> = Parameters<typeof awsMetric<Namespace>>[1];

/** What a queue is told apart by. */
interface NamedQueue {
  readonly queueName: string;
  readonly deadLetterQueueName: string;
}

export const metricLine = (label: string, metric: Metric): GraphLine => ({ label, measure: { metric } });

const ofEach = <Resource>(resources: Readonly<Record<string, Resource>>, metricOf: (resource: Resource) => Metric): GraphLine[] =>
  Object.entries(resources).map(([label, resource]) => metricLine(label, metricOf(resource)));

/** A line for each queue, called as it is in `queues`. @param which of its two queues @default the queue itself */
export const queueLines = (
  queues: Readonly<Record<string, NamedQueue>>,
  metric: MetricOf<"AWS/SQS">,
  statistic: Statistic,
  which: keyof NamedQueue = "queueName",
): GraphLine[] => ofEach(queues, (queue) => awsMetric("AWS/SQS", metric, { QueueName: queue[which] }, statistic));

export const functionLines = (functions: NamedFunctions, metric: MetricOf<"AWS/Lambda">, statistic: Statistic): GraphLine[] =>
  ofEach(functions, ({ functionName }) => awsMetric("AWS/Lambda", metric, { FunctionName: functionName }, statistic));

/** Sums of a period. */
export const tableLines = (
  tables: Readonly<Record<string, { readonly tableName: string }>>,
  metric: MetricOf<"AWS/DynamoDB">,
): GraphLine[] => ofEach(tables, ({ tableName }) => awsMetric("AWS/DynamoDB", metric, { TableName: tableName }, "Sum"));

/** The classes of storage that each of S3's daily metrics is reported for, as far as they are drawn. */
const STORAGE_TYPES = { BucketSizeBytes: "StandardStorage", NumberOfObjects: "AllStorageTypes" } as const;

/** A value a day: S3 reports these for nothing. https://docs.aws.amazon.com/AmazonS3/latest/userguide/metrics-dimensions.html */
export const bucketLines = (
  buckets: Readonly<Record<string, { readonly bucketName: string }>>,
  metric: keyof typeof STORAGE_TYPES,
): GraphLine[] =>
  ofEach(buckets, ({ bucketName }) =>
    awsMetric("AWS/S3", metric, { BucketName: bucketName, StorageType: STORAGE_TYPES[metric] }, "Average"),
  );
