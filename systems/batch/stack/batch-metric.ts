import type { Metric, Statistic } from "../../../constructs/observability/metric";
import { METRIC_DIMENSION, METRIC_NAMESPACE } from "../../../kit/lib/event-metrics";
import type { MetricName } from "../contracts/metrics";
import type { DeployedNames } from "./names";

/** A metric that worker and Lambdas put into their log. */
export const batchMetric = (
  { metricsSystem }: Pick<DeployedNames, "metricsSystem">,
  metricName: MetricName,
  statistic: Statistic,
): Metric => ({
  namespace: METRIC_NAMESPACE,
  metricName,
  dimensions: { [METRIC_DIMENSION]: metricsSystem },
  statistic,
});
