import type { EventMetric, EventMetrics, MetricFields } from "../../../kit/lib/event-metrics";

/**
 * What the batch system counts itself, since no AWS service knows it, by the event of the log that tells it. A range of a giant counts as a
 * file of its own, and so does a file that a lost claim had worked on without a commit only once: what counts is what was committed.
 */
export const EVENT_METRICS = {
  /** A commit group of a chunk, on both routes. */
  group_committed: [
    { name: "FilesProcessed", unit: "Count", field: "processed" },
    { name: "FilesSkipped", unit: "Count", field: "skipped" },
    { name: "FilesQuarantined", unit: "Count", field: "quarantined" },
    { name: "BytesWorked", unit: "Bytes", field: "bytes" },
    { name: "CommitMilliseconds", unit: "Milliseconds", field: "commitMilliseconds" },
    { name: "ChunksFinished", unit: "Count", field: "finishedChunks" },
  ],
  /** A file of the upload path. */
  upload_worked: [
    { name: "FilesProcessed", unit: "Count", field: "processed" },
    { name: "FilesSkipped", unit: "Count", field: "skipped" },
    { name: "FilesQuarantined", unit: "Count", field: "quarantined" },
    { name: "BytesWorked", unit: "Bytes", field: "bytes" },
  ],
  /** EC2 takes an instance back; its worker says so while it drains. */
  spot_notice: [{ name: "SpotNotices", unit: "Count" }],
  /** A generation's completion message is sent. */
  batch_reported: [
    { name: "BatchesReported", unit: "Count" },
    { name: "FilesUnfinished", unit: "Count", field: "unfinished" },
  ],
} as const satisfies EventMetrics;

/** Fields that whoever logs the event gives. */
export type BatchMetricFields<E extends keyof typeof EVENT_METRICS> = MetricFields<typeof EVENT_METRICS, E>;

type MetricsOf<E extends keyof typeof EVENT_METRICS> = (typeof EVENT_METRICS)[E][number];
export type MetricName = MetricsOf<keyof typeof EVENT_METRICS>["name"];

const metrics: EventMetrics = EVENT_METRICS;
/** Each of them once. */
export const BATCH_METRICS: readonly EventMetric[] = [
  ...new Map(Object.values(metrics).flatMap((each) => each.map((metric) => [metric.name, metric] as const))).values(),
];
