import { z } from "zod";
import {
  block,
  blocks,
  decimal,
  flag,
  optionalDecimal,
  optionalText,
  optionalTexts,
  optionalWhole,
  text,
  whole,
} from "../../../graph/arguments";
import {
  DEFAULT_COOLDOWN_SECONDS,
  DEFAULT_HEARTBEAT_SECONDS,
  DEFAULT_SHARES,
  LIFECYCLE_TRANSITIONS,
  SCALING_PROCESSES,
  TERMINATION_POLICIES,
  type GroupDefinition,
  type LifecycleHook,
} from "../../../scaling/definition";
import { ADJUSTMENT_TYPES, type ScalingPolicy, type ScheduledAction } from "../../../scaling/policy";
import { simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

/** An Auto Scaling group, with its subnets in place of their zones. */
export interface StackGroup extends Omit<GroupDefinition, "hooks" | "zones"> {
  readonly subnetIds: readonly string[];
  /** Names of the metrics that it reports; none unless they are asked for. */
  readonly metricNames: readonly string[];
}

const mixedPolicy = z.object({
  launch_template: block(
    z.object({
      launch_template_specification: block(z.object({ version: optionalText })),
      override: blocks(z.object({ instance_type: text })),
    }),
  ),
  instances_distribution: block(
    z.object({ on_demand_base_capacity: optionalWhole, on_demand_percentage_above_base_capacity: optionalWhole }),
  ),
});

export const groupType = memoryType({
  arguments: z.object({
    name: text,
    min_size: whole,
    max_size: whole,
    desired_capacity: optionalWhole,
    vpc_zone_identifier: optionalTexts,
    mixed_instances_policy: block(mixedPolicy),
    protect_from_scale_in: flag.default(false),
    termination_policies: z.array(z.enum(TERMINATION_POLICIES)).optional(),
    capacity_rebalance: flag.default(false),
    suspended_processes: z.array(z.enum(SCALING_PROCESSES)).optional(),
    default_cooldown: optionalWhole,
    default_instance_warmup: optionalWhole,
    enabled_metrics: optionalTexts,
    metrics_granularity: z.literal("1Minute").optional(),
  }),
  attributes: ({ name }) => ({ id: name, arn: simulatedArn("autoscaling", `autoScalingGroup:0:autoScalingGroupName/${name}`) }),
  describe: (values): StackGroup => {
    const { instances_distribution: distribution, launch_template: template } = values.mixed_instances_policy ?? {};
    return {
      name: values.name,
      minimum: values.min_size,
      desired: values.desired_capacity ?? values.min_size,
      maximum: values.max_size,
      subnetIds: values.vpc_zone_identifier ?? [],
      mix: {
        instanceTypes: template?.override.map((override) => override.instance_type) ?? [],
        onDemandBase: distribution?.on_demand_base_capacity ?? DEFAULT_SHARES.onDemandBase,
        onDemandPercentage: distribution?.on_demand_percentage_above_base_capacity ?? DEFAULT_SHARES.onDemandPercentage,
      },
      launchTemplateVersion: template?.launch_template_specification?.version ?? "$Default",
      protectsNewInstances: values.protect_from_scale_in,
      terminationPolicies: values.termination_policies ?? ["Default"],
      capacityRebalance: values.capacity_rebalance,
      suspended: values.suspended_processes ?? [],
      defaultCooldownSeconds: values.default_cooldown ?? DEFAULT_COOLDOWN_SECONDS,
      ...(values.default_instance_warmup === undefined ? {} : { warmUpSeconds: values.default_instance_warmup }),
      metricNames: values.enabled_metrics ?? [],
    };
  },
  ignores: {
    health_check_grace_period: "an instance of a world is lost or not: nothing is checked that could be too early",
    health_check_type: "an instance of a world is lost or not",
    tag: "nothing is billed in a world",
    wait_for_capacity_timeout: "nothing is applied in a world",
  },
});

/** Where a group's instances are. */
export const subnetType = memoryType({
  arguments: z.object({ availability_zone: text }),
  attributes: (_, address) => ({ id: address }),
  describe: ({ availability_zone: zone }, { id }) => ({ id: text.parse(id), zone }),
  ignores: Object.fromEntries(["cidr_block", "map_public_ip_on_launch", "tags", "vpc_id"].map((name) => [name, "a world has no network"])),
});

/** A policy of a group, by the ARN that alarms have for it. */
export interface StackPolicy {
  readonly arn: string;
  readonly groupName: string;
  readonly policy: ScalingPolicy;
}

export const policyType = memoryType({
  arguments: z.object({
    name: text,
    autoscaling_group_name: text,
    policy_type: z.enum(["SimpleScaling", "StepScaling"]).default("SimpleScaling"),
    adjustment_type: z.enum(ADJUSTMENT_TYPES),
    min_adjustment_magnitude: optionalWhole,
    scaling_adjustment: optionalWhole,
    cooldown: optionalWhole,
    estimated_instance_warmup: optionalWhole,
    // the alarm has one value for each of its periods
    metric_aggregation_type: optionalText,
    step_adjustment: blocks(
      z.object({
        scaling_adjustment: decimal,
        metric_interval_lower_bound: optionalDecimal,
        metric_interval_upper_bound: optionalDecimal,
      }),
    ),
    enabled: z.literal(true).optional(),
  }),
  attributes: ({ autoscaling_group_name: group, name }) => ({
    id: name,
    arn: simulatedArn("autoscaling", `scalingPolicy:0:autoScalingGroupName/${group}:policyName/${name}`),
  }),
  describe: (values, { arn }): StackPolicy => {
    const adjusting = {
      name: values.name,
      adjustmentType: values.adjustment_type,
      ...(values.min_adjustment_magnitude === undefined ? {} : { minimumMagnitude: values.min_adjustment_magnitude }),
    };
    const policy: ScalingPolicy =
      values.policy_type === "SimpleScaling"
        ? {
            ...adjusting,
            kind: "simple",
            adjustment: values.scaling_adjustment ?? 0,
            ...(values.cooldown === undefined ? {} : { cooldownSeconds: values.cooldown }),
          }
        : {
            ...adjusting,
            kind: "step",
            ...(values.estimated_instance_warmup === undefined ? {} : { warmUpSeconds: values.estimated_instance_warmup }),
            steps: values.step_adjustment.map((step) => ({
              adjustment: step.scaling_adjustment,
              ...(step.metric_interval_lower_bound === undefined ? {} : { lower: step.metric_interval_lower_bound }),
              ...(step.metric_interval_upper_bound === undefined ? {} : { upper: step.metric_interval_upper_bound }),
            })),
          };
    return { arn: text.parse(arn), groupName: values.autoscaling_group_name, policy };
  },
});

export const hookType = memoryType({
  arguments: z.object({
    name: text,
    autoscaling_group_name: text,
    lifecycle_transition: z.enum(LIFECYCLE_TRANSITIONS),
    heartbeat_timeout: optionalWhole,
    default_result: z.enum(["CONTINUE", "ABANDON"]).default("ABANDON"),
  }),
  attributes: ({ name }) => ({ id: name }),
  describe: (values): { readonly groupName: string; readonly hook: LifecycleHook } => ({
    groupName: values.autoscaling_group_name,
    hook: {
      name: values.name,
      transition: values.lifecycle_transition,
      heartbeatTimeoutSeconds: values.heartbeat_timeout ?? DEFAULT_HEARTBEAT_SECONDS,
      defaultResult: values.default_result,
    },
  }),
});

const time = z.iso.datetime({ offset: true }).transform((iso) => Date.parse(iso));

export const scheduleType = memoryType({
  arguments: z.object({
    scheduled_action_name: text,
    autoscaling_group_name: text,
    recurrence: optionalText,
    time_zone: optionalText,
    start_time: time.optional(),
    end_time: time.optional(),
    min_size: optionalWhole,
    max_size: optionalWhole,
    desired_capacity: optionalWhole,
  }),
  describe: (values): { readonly groupName: string; readonly action: ScheduledAction } => {
    // Terraform's way to say that a size stays as it is
    const size = (given: number | undefined): number | undefined => (given === -1 ? undefined : given);
    const given = {
      recurrence: values.recurrence,
      timeZone: values.time_zone,
      startsAt: values.start_time,
      endsAt: values.end_time,
      minimum: size(values.min_size),
      maximum: size(values.max_size),
      desired: size(values.desired_capacity),
    };
    const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
    return { groupName: values.autoscaling_group_name, action: { name: values.scheduled_action_name, ...present } };
  },
});

export const AUTO_SCALING_TYPES = {
  aws_autoscaling_group: groupType,
  aws_autoscaling_lifecycle_hook: hookType,
  aws_autoscaling_policy: policyType,
  aws_autoscaling_schedule: scheduleType,
  aws_subnet: subnetType,
};
