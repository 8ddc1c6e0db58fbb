import { z } from "zod";
import { flag, optionalTexts, optionalWhole, text, whole } from "../../../graph/arguments";
import { simulatedArn } from "../../place";
import { memoryType } from "../memory-type";

/** An Auto Scaling group, as far as it is looked at from outside. */
export interface StackGroup {
  readonly name: string;
  readonly minimumInstances: number;
  readonly initialInstances: number;
  readonly maximumInstances: number;
  /** Only its own workers end its instances; otherwise policies do. */
  readonly protectsFromScaleIn: boolean;
  /** Names of the metrics that it reports; none unless they are asked for. */
  readonly metricNames: readonly string[];
}

const FLEET = "a world has a fleet of its own (capacity, hosts, spot notices)";

export const groupType = memoryType({
  arguments: z.object({
    name: text,
    min_size: whole,
    max_size: whole,
    desired_capacity: optionalWhole,
    protect_from_scale_in: flag.default(false),
    enabled_metrics: optionalTexts,
    metrics_granularity: z.literal("1Minute").optional(),
  }),
  attributes: ({ name }) => ({ id: name, arn: simulatedArn("autoscaling", `autoScalingGroup:0:autoScalingGroupName/${name}`) }),
  describe: (values): StackGroup => ({
    name: values.name,
    minimumInstances: values.min_size,
    initialInstances: values.desired_capacity ?? values.min_size,
    maximumInstances: values.max_size,
    protectsFromScaleIn: values.protect_from_scale_in,
    metricNames: values.enabled_metrics ?? [],
  }),
  ignores: {
    capacity_rebalance: FLEET,
    default_instance_warmup: FLEET,
    health_check_grace_period: FLEET,
    health_check_type: FLEET,
    mixed_instances_policy: FLEET,
    suspended_processes: FLEET,
    tag: "nothing is billed in a world",
    termination_policies: FLEET,
    vpc_zone_identifier: FLEET,
    wait_for_capacity_timeout: "nothing is applied in a world",
  },
});

/** How long a group waits for the worker of an instance that it ends. */
export interface StackTerminationHook {
  readonly groupName: string;
  readonly name: string;
  readonly timeoutSeconds: number;
}

export const hookType = memoryType({
  arguments: z.object({
    name: text,
    autoscaling_group_name: text,
    lifecycle_transition: z.literal("autoscaling:EC2_INSTANCE_TERMINATING"),
    heartbeat_timeout: whole,
    default_result: z.literal("CONTINUE"),
  }),
  attributes: ({ name }) => ({ id: name }),
  describe: ({ autoscaling_group_name: groupName, heartbeat_timeout: timeoutSeconds, name }): StackTerminationHook => ({
    groupName,
    name,
    timeoutSeconds,
  }),
});

/** Names what an alarm asks for; who carries it out is the world's fleet. */
export const policyType = memoryType({
  arguments: z.object({ name: text, autoscaling_group_name: text }),
  attributes: ({ autoscaling_group_name: group, name }) => ({
    id: name,
    arn: simulatedArn("autoscaling", `scalingPolicy:0:autoScalingGroupName/${group}:policyName/${name}`),
  }),
  describe: ({ autoscaling_group_name: groupName, name }) => ({ name, groupName }),
  ignores: {
    adjustment_type: FLEET,
    cooldown: FLEET,
    estimated_instance_warmup: FLEET,
    metric_aggregation_type: FLEET,
    policy_type: FLEET,
    scaling_adjustment: FLEET,
    step_adjustment: FLEET,
  },
});

export const AUTO_SCALING_TYPES = {
  aws_autoscaling_group: groupType,
  aws_autoscaling_lifecycle_hook: hookType,
  aws_autoscaling_policy: policyType,
};
