import type { Metric } from "../../alarms/metric";
import type { VirtualTime } from "../kernel/virtual-time";
import type { StackModel } from "../stack/stack-model";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

const NAMESPACE = "AWS/DynamoDB";
const NAMES = { read: "ReadThrottleEvents", write: "WriteThrottleEvents" } as const;
/** Calls that read; all others write. */
const READS: ReadonlySet<string> = new Set(["GetItem", "BatchGetItem", "Query", "Scan"]);

/**
 * What DynamoDB reports of calls that it refuses: nothing else, and nothing where it refuses none.
 *
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
 */
export class TableMetrics implements MetricSource {
  public constructor(
    private readonly model: Pick<StackModel, "tables">,
    private readonly time: Pick<VirtualTime, "now">,
    private readonly sink: MetricSink,
  ) {}

  public supplies(metric: Metric): boolean {
    const names: readonly string[] = Object.values(NAMES);
    return (
      names.includes(metric.name) &&
      hasOnly(metric, NAMESPACE, "TableName") &&
      this.model.tables.some(({ name }) => name === metric.dimensions["TableName"])
    );
  }

  public throttled(TableName: string, operation: string): void {
    const name = NAMES[READS.has(operation) ? "read" : "write"];
    this.sink.add({ namespace: NAMESPACE, name, dimensions: { TableName } }, this.time.now(), 1);
  }
}
