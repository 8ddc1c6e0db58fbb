import type { Metric } from "../../alarms/metric";
import type { StackGroup } from "../stack/types/autoscaling";
import { hasOnly, type MetricSink, type MetricSource } from "./metric-source";

const NAMESPACE = "AWS/AutoScaling";

/** What a group has at a time. */
export interface GroupFigures {
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  readonly inService: number;
  /** Launched, and not in service yet. */
  readonly pending: number;
}

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-metrics.html */
const GAUGES: Readonly<Record<string, (figures: GroupFigures) => number>> = {
  GroupMinSize: ({ minimum }) => minimum,
  GroupMaxSize: ({ maximum }) => maximum,
  GroupDesiredCapacity: ({ desired }) => desired,
  GroupInServiceInstances: ({ inService }) => inService,
  GroupPendingInstances: ({ pending }) => pending,
  GroupTotalInstances: ({ inService, pending }) => inService + pending,
};

/** What an Auto Scaling group reports each minute: the metrics that it is asked for. */
export class GroupMetrics implements MetricSource {
  public constructor(
    private readonly group: StackGroup,
    private readonly figures: () => GroupFigures,
    private readonly sink: MetricSink,
  ) {}

  public supplies(metric: Metric): boolean {
    return (
      metric.name in GAUGES &&
      this.group.metricNames.includes(metric.name) &&
      hasOnly(metric, NAMESPACE, "AutoScalingGroupName") &&
      metric.dimensions["AutoScalingGroupName"] === this.group.name
    );
  }

  public report(minuteStart: number): void {
    const figures = this.figures();
    for (const name of this.group.metricNames) {
      const gauge = GAUGES[name];
      if (gauge === undefined) continue;
      this.sink.add({ namespace: NAMESPACE, name, dimensions: { AutoScalingGroupName: this.group.name } }, minuteStart, gauge(figures));
    }
  }
}
