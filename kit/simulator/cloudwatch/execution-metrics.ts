import type { Metric } from "../../alarms/metric";
import type { ClosedStatus } from "../interpreter/world";
import type { VirtualTime } from "../kernel/virtual-time";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

const NAMESPACE = "AWS/States";
const STARTED = "ExecutionsStarted";
const CLOSED: Readonly<Record<ClosedStatus, string>> = {
  SUCCEEDED: "ExecutionsSucceeded",
  FAILED: "ExecutionsFailed",
  TIMED_OUT: "ExecutionsTimedOut",
  ABORTED: "ExecutionsAborted",
};

/**
 * What Step Functions reports of a machine's executions, but for those of its maps' children.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
export class ExecutionMetrics implements MetricSource {
  public constructor(
    private readonly machineArn: string,
    private readonly time: Pick<VirtualTime, "now">,
    private readonly sink: MetricSink,
  ) {}

  public supplies(metric: Metric): boolean {
    return (
      [STARTED, ...Object.values(CLOSED)].includes(metric.name) &&
      hasOnly(metric, NAMESPACE, "StateMachineArn") &&
      metric.dimensions["StateMachineArn"] === this.machineArn
    );
  }

  public started(): void {
    this.add(STARTED);
  }
  public closed(status: ClosedStatus): void {
    this.add(CLOSED[status]);
  }

  private add(name: string): void {
    this.sink.add({ namespace: NAMESPACE, name, dimensions: { StateMachineArn: this.machineArn } }, this.time.now(), 1);
  }
}
