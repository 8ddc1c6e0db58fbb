import {
  ALARM_METRIC_MONTH,
  BALANCER_MONTH,
  DASHBOARD_MONTH,
  HOSTED_ZONE_MONTH,
  INSTANCE_MONTH,
  INTERFACE_ENDPOINT_MONTH,
  KMS_KEY_MONTH,
  NAT_GATEWAY_MONTH,
  PUBLIC_ADDRESS_MONTH,
  SECRET_MONTH,
} from "../lib/prices";
import type { Plan, ResourceChange } from "./plan";
import { blocksAt, numberAt, textAt, UNKNOWN, valueAt, type Value } from "./values";

/** What is paid by the month whether anything is done or not, in US dollars; list prices of us-east-1, no free tier. */
export interface MonthlyCost {
  readonly before: number;
  readonly after: number;
  /** By resource type, what changes. */
  readonly parts: readonly { readonly type: string; readonly before: number; readonly after: number }[];
  /** Types whose price by the month is not known here, and that this plan changes. */
  readonly unknown: readonly string[];
}

/** A resource's price by the month; undefined: it depends on what is not known here. */
type Price = (value: Value, change: ResourceChange, plan: Plan) => number | undefined;

const PRICES: Readonly<Record<string, Price>> = {
  aws_cloudwatch_metric_alarm: (value) =>
    Math.max(1, blocksAt(value, ["metric_query"]).filter((query) => blocksAt(query, ["metric"]).length > 0).length) * ALARM_METRIC_MONTH,
  aws_cloudwatch_composite_alarm: () => 0.5,
  aws_cloudwatch_dashboard: () => DASHBOARD_MONTH,
  aws_kms_key: () => KMS_KEY_MONTH,
  aws_secretsmanager_secret: () => SECRET_MONTH,
  aws_route53_zone: () => HOSTED_ZONE_MONTH,
  aws_nat_gateway: () => NAT_GATEWAY_MONTH,
  // of a NAT gateway it is in that one's price
  aws_eip: (value) => (textAt(value, "instance") === undefined ? 0 : PUBLIC_ADDRESS_MONTH),
  aws_lb: () => BALANCER_MONTH,
  aws_vpc_endpoint: (value) => {
    if (textAt(value, "vpc_endpoint_type") !== "Interface") return 0;
    const subnets = valueAt(value, ["subnet_ids"]);
    return subnets === UNKNOWN ? INTERFACE_ENDPOINT_MONTH : Math.max(1, blocksAt(value, ["subnet_ids"]).length) * INTERFACE_ENDPOINT_MONTH;
  },
  aws_instance: (value) => INSTANCE_MONTH[textAt(value, "instance_type") ?? ""],
  // the least that always runs
  aws_autoscaling_group: (value, change, plan) => {
    const instances = numberAt(value, "min_size") ?? 0;
    if (instances === 0) return 0;
    const [template] = plan.ofType("aws_launch_template").filter((each) => namesTemplate(value, each, change, plan));
    const price =
      template === undefined
        ? undefined
        : INSTANCE_MONTH[textAt(template.after, "instance_type") ?? textAt(template.before, "instance_type") ?? ""];
    return price === undefined ? undefined : instances * price;
  },
};

function namesTemplate(group: Value, template: ResourceChange, change: ResourceChange, plan: Plan): boolean {
  const id = textAt(group, "launch_template", 0, "id");
  return (
    (id !== undefined && id === textAt(template.after, "id")) || plan.referred(change, ["launch_template", 0, "id"]).includes(template)
  );
}

/** Paid by the month and by size, which the prices here don't tell. */
const BY_SIZE = [
  "aws_db_instance",
  "aws_rds_cluster_instance",
  "aws_elasticache_replication_group",
  "aws_opensearch_domain",
  "aws_eks_cluster",
  "aws_kinesis_stream",
  "aws_redshift_cluster",
  "aws_ebs_volume",
  "aws_ecs_service",
  "aws_msk_cluster",
];

export function monthlyCost(plan: Plan): MonthlyCost {
  const parts = new Map<string, { before: number; after: number }>();
  const unknown = new Set<string>();
  for (const change of plan.changes) {
    const { action, after, before, type } = change;
    const price = PRICES[type];
    if (price === undefined) {
      if (action !== "none" && BY_SIZE.includes(type)) unknown.add(type);
      continue;
    }
    const of = (value: Value): number => {
      if (value === null) return 0;
      const known = price(value, change, plan);
      if (known === undefined && action !== "none") unknown.add(type);
      return known ?? 0;
    };
    const sum = parts.get(type) ?? { before: 0, after: 0 };
    // what Terraform lets go of goes on costing
    parts.set(type, { before: sum.before + of(before), after: sum.after + of(action === "forget" ? before : after) });
  }
  const all = [...parts].map(([type, sums]) => ({ type, ...sums }));
  const total = (name: "before" | "after"): number => all.reduce((sum, part) => sum + part[name], 0);
  return {
    before: total("before"),
    after: total("after"),
    parts: all.filter((part) => part.before !== part.after),
    unknown: [...unknown].sort(),
  };
}
