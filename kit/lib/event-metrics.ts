/** A metric that lines of the log carry: CloudWatch makes it of the line, and nobody calls it. */
export interface EventMetric {
  /** CloudWatch's name of it, the same in every process. */
  readonly name: string;
  readonly unit: "Bytes" | "Count" | "Milliseconds";
  /** Field of the event that is its value, a number. @default none - each line counts one */
  readonly field?: string;
}

/** Which events of the log carry which metrics. A metric costs the same however many lines carry it; see ADR 34 for what it costs. */
export type EventMetrics = Readonly<Record<string, readonly EventMetric[]>>;

/** The one dimension of all of them: whose they are. Its values are few, for each is a metric of its own to CloudWatch. */
export const METRIC_DIMENSION = "System";

/** CloudWatch's namespace of all metrics that are this project's own. */
export const METRIC_NAMESPACE = "Filemill";

/** Fields that an event must have for its metrics. */
export type MetricFields<M extends EventMetrics, E extends keyof M> = {
  readonly [Field in Extract<M[E][number], { readonly field: string }>["field"]]: number;
} & Readonly<Record<string, unknown>>;
