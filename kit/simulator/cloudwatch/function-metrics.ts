import type { Metric } from "../../alarms/metric";
import type { VirtualTime } from "../kernel/virtual-time";
import type { FunctionsObserver } from "../services/functions-service";
import type { StackModel } from "../stack/stack-model";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

const NAMESPACE = "AWS/Lambda";
const NAMES = ["Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions"] as const;

/**
 * What Lambda reports of a stack's functions: of an invocation when it is over, for the time at which it began; of one that is throttled
 * the throttle alone.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-view.html
 */
export class FunctionMetrics implements MetricSource, FunctionsObserver {
  private readonly names: ReadonlyMap<string, string>;
  private readonly running = new Map<string, number>();

  public constructor(
    model: Pick<StackModel, "functions">,
    private readonly time: Pick<VirtualTime, "now">,
    private readonly sink: MetricSink,
  ) {
    this.names = new Map(model.functions.map(({ code, name }) => [code, name]));
  }

  public supplies(metric: Metric): boolean {
    const names: readonly string[] = NAMES;
    return (
      names.includes(metric.name) &&
      hasOnly(metric, NAMESPACE, "FunctionName") &&
      [...this.names.values()].some((name) => name === metric.dimensions["FunctionName"])
    );
  }

  public readonly started = (code: string): ((hasFailed: boolean) => void) => {
    const startedAt = this.time.now();
    const running = (this.running.get(code) ?? 0) + 1;
    this.running.set(code, running);
    this.add(code, "ConcurrentExecutions", startedAt, running);
    return (hasFailed) => {
      this.running.set(code, (this.running.get(code) ?? 1) - 1);
      this.add(code, "Invocations", startedAt, 1);
      this.add(code, "Errors", startedAt, hasFailed ? 1 : 0);
      this.add(code, "Throttles", startedAt, 0);
      this.add(code, "Duration", startedAt, this.time.now() - startedAt);
    };
  };

  public readonly throttled = (code: string): void => {
    this.add(code, "Throttles", this.time.now(), 1);
  };

  private add(code: string, name: (typeof NAMES)[number], at: number, value: number): void {
    const FunctionName = this.names.get(code);
    if (FunctionName !== undefined) this.sink.add({ namespace: NAMESPACE, name, dimensions: { FunctionName } }, at, value);
  }
}
