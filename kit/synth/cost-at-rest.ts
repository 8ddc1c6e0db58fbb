import { z } from "zod";
import {
  ALARM_METRIC_MONTH,
  DASHBOARD_MONTH,
  INSTANCE_MONTH,
  INTERFACE_ENDPOINT_MONTH,
  KMS_KEY_MONTH,
  NAT_GATEWAY_MONTH,
} from "../lib/prices";
import type { Synthesized } from "./synthesized";

const endpointSchema = z.looseObject({ vpc_endpoint_type: z.string(), subnet_ids: z.array(z.string()).optional() });
const alarmSchema = z.looseObject({ metric_query: z.array(z.looseObject({ metric: z.unknown().optional() })).optional() });
const groupSchema = z.looseObject({
  min_size: z.number(),
  mixed_instances_policy: z.looseObject({
    launch_template: z.looseObject({ override: z.array(z.looseObject({ instance_type: z.string() })) }),
  }),
});

/**
 * What a deployed stack costs a month while nobody uses it, at list prices of us-east-1: alarms, the dashboard, keys, ways out of the
 * network, instances that always run. Without what is stored, which depends on use, and what runs by schedule, which
 * docs/infrastructure.md reckons.
 *
 * @returns US dollars, and what is not in them because its price is not known here
 */
export function costAtRest(resources: Synthesized["resources"]): { dollars: number; unpriced: string[] } {
  const bodies = (type: string): unknown[] => Object.values(resources[type] ?? {});
  const endpoints = bodies("aws_vpc_endpoint")
    .map((body) => endpointSchema.parse(body))
    // gateway endpoints cost nothing
    .filter((endpoint) => endpoint.vpc_endpoint_type === "Interface")
    .reduce((sum, { subnet_ids: subnets = [] }) => sum + subnets.length, 0);
  const alarmMetrics = bodies("aws_cloudwatch_metric_alarm")
    .map((body) => alarmSchema.parse(body).metric_query?.filter(({ metric }) => metric !== undefined).length ?? 1)
    .reduce((sum, metrics) => sum + metrics, 0);
  let dollars =
    alarmMetrics * ALARM_METRIC_MONTH +
    bodies("aws_cloudwatch_dashboard").length * DASHBOARD_MONTH +
    bodies("aws_kms_key").length * KMS_KEY_MONTH +
    bodies("aws_nat_gateway").length * NAT_GATEWAY_MONTH +
    endpoints * INTERFACE_ENDPOINT_MONTH;
  const unpriced: string[] = [];
  for (const { min_size: kept, mixed_instances_policy: policy } of bodies("aws_autoscaling_group").map((body) => groupSchema.parse(body))) {
    const type = policy.launch_template.override[0]?.instance_type ?? "";
    const price = INSTANCE_MONTH[type];
    if (price !== undefined) dollars += kept * price;
    else if (kept > 0) unpriced.push(`${kept} ${type} that always ${kept === 1 ? "runs" : "run"}`);
  }
  return { dollars, unpriced };
}
