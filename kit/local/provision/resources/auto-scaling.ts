import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  EnableMetricsCollectionCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
  PutScheduledUpdateGroupActionCommand,
  SuspendProcessesCommand,
} from "@aws-sdk/client-auto-scaling";
import { z } from "zod";
import {
  block,
  blocks,
  decimal,
  flag,
  optionalDecimal,
  optionalFlag,
  optionalText,
  optionalTexts,
  optionalWhole,
  text,
  whole,
} from "../../../graph/arguments";
import { answered, defined, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const templateReference = z.object({ launch_template_id: optionalText, launch_template_name: optionalText, version: optionalText });

const specificationOf = (given: z.output<typeof templateReference>) =>
  defined({
    LaunchTemplateId: given.launch_template_id,
    LaunchTemplateName: given.launch_template_name,
    Version: given.version,
  });

const groupType = resourceType(
  z.object({
    name: text,
    min_size: whole,
    max_size: whole,
    desired_capacity: optionalWhole,
    vpc_zone_identifier: optionalTexts,
    availability_zones: optionalTexts,
    default_cooldown: optionalWhole,
    enabled_metrics: optionalTexts,
    suspended_processes: optionalTexts,
    tag: blocks(z.object({ key: text, value: text, propagate_at_launch: flag })),
    health_check_type: optionalText,
    health_check_grace_period: optionalWhole,
    default_instance_warmup: optionalWhole,
    protect_from_scale_in: optionalFlag,
    capacity_rebalance: optionalFlag,
    termination_policies: optionalTexts,
    mixed_instances_policy: block(
      z.object({
        launch_template: block(
          z.object({
            launch_template_specification: block(templateReference),
            override: blocks(z.object({ instance_type: optionalText, launch_template_specification: block(templateReference) })),
          }),
        ),
        instances_distribution: block(
          z.object({
            on_demand_base_capacity: optionalWhole,
            on_demand_percentage_above_base_capacity: optionalWhole,
            spot_allocation_strategy: optionalText,
          }),
        ),
      }),
    ),
    launch_template: block(z.object({ id: optionalText, name: optionalText, version: optionalText })),
  }),
  async (values, { clients }) => {
    const { mixed_instances_policy: mixed, launch_template: single } = values;
    const specification = mixed?.launch_template?.launch_template_specification;
    const distribution = mixed?.instances_distribution;
    const autoScaling = clients.of(AutoScalingClient);
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        ...defined({
          DesiredCapacity: values.desired_capacity,
          VPCZoneIdentifier: values.vpc_zone_identifier?.join(","),
          AvailabilityZones: values.availability_zones,
          DefaultCooldown: values.default_cooldown,
          HealthCheckType: values.health_check_type,
          HealthCheckGracePeriod: values.health_check_grace_period,
          DefaultInstanceWarmup: values.default_instance_warmup,
          NewInstancesProtectedFromScaleIn: values.protect_from_scale_in,
          CapacityRebalance: values.capacity_rebalance,
          TerminationPolicies: values.termination_policies,
          LaunchTemplate:
            single === undefined
              ? undefined
              : defined({ LaunchTemplateId: single.id, LaunchTemplateName: single.name, Version: single.version }),
          MixedInstancesPolicy:
            specification === undefined
              ? undefined
              : defined({
                  LaunchTemplate: {
                    LaunchTemplateSpecification: specificationOf(specification),
                    Overrides: (mixed?.launch_template?.override ?? []).map(({ instance_type, launch_template_specification: own }) =>
                      defined({
                        InstanceType: instance_type,
                        LaunchTemplateSpecification: own === undefined ? undefined : specificationOf(own),
                      }),
                    ),
                  },
                  InstancesDistribution:
                    distribution === undefined
                      ? undefined
                      : defined({
                          OnDemandBaseCapacity: distribution.on_demand_base_capacity,
                          OnDemandPercentageAboveBaseCapacity: distribution.on_demand_percentage_above_base_capacity,
                          SpotAllocationStrategy: distribution.spot_allocation_strategy,
                        }),
                }),
        }),
        AutoScalingGroupName: values.name,
        MinSize: values.min_size,
        MaxSize: values.max_size,
        Tags: values.tag.map(({ key, propagate_at_launch, value }) => ({
          Key: key,
          Value: value,
          PropagateAtLaunch: propagate_at_launch,
          ResourceId: values.name,
          ResourceType: "auto-scaling-group",
        })),
      }),
    );
    // as Terraform's provider does it: what can't be said at its making is called for after it
    const { enabled_metrics: metrics = [], suspended_processes: processes = [] } = values;
    if (processes.length > 0)
      await autoScaling.send(new SuspendProcessesCommand({ AutoScalingGroupName: values.name, ScalingProcesses: processes }));
    if (metrics.length > 0)
      await autoScaling.send(
        new EnableMetricsCollectionCommand({ AutoScalingGroupName: values.name, Granularity: "1Minute", Metrics: metrics }),
      );
    const { AutoScalingGroups = [] } = await autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [values.name] }),
    );
    return { id: values.name, arn: answered(AutoScalingGroups[0]?.AutoScalingGroupARN, "AutoScalingGroupARN") };
  },
  {
    arguments: {
      mixed_instances_policy: {
        instead: "instances have its types, markets and shares, and all of them are processes of this machine",
        reason: "a machine has one kind of processor and no spot market; what EC2 takes back is ordered by `filemill local scale`",
      },
    },
  },
);

const policyType = resourceType(
  z.object({
    name: text,
    autoscaling_group_name: text,
    policy_type: optionalText,
    adjustment_type: optionalText,
    scaling_adjustment: optionalWhole,
    cooldown: optionalWhole,
    estimated_instance_warmup: optionalWhole,
    metric_aggregation_type: optionalText,
    enabled: flag.optional(),
    step_adjustment: blocks(
      z.object({
        scaling_adjustment: decimal,
        metric_interval_lower_bound: optionalDecimal,
        metric_interval_upper_bound: optionalDecimal,
      }),
    ),
  }),
  async (values, { clients }) => {
    const { PolicyARN } = await clients.of(AutoScalingClient).send(
      new PutScalingPolicyCommand({
        ...defined({
          AdjustmentType: values.adjustment_type,
          ScalingAdjustment: values.scaling_adjustment,
          Cooldown: values.cooldown,
          EstimatedInstanceWarmup: values.estimated_instance_warmup,
          MetricAggregationType: values.metric_aggregation_type,
          StepAdjustments:
            values.step_adjustment.length === 0
              ? undefined
              : values.step_adjustment.map((step) => ({
                  ...defined({
                    MetricIntervalLowerBound: step.metric_interval_lower_bound,
                    MetricIntervalUpperBound: step.metric_interval_upper_bound,
                  }),
                  ScalingAdjustment: step.scaling_adjustment,
                })),
        }),
        PolicyName: values.name,
        AutoScalingGroupName: values.autoscaling_group_name,
        PolicyType: values.policy_type ?? "SimpleScaling",
      }),
    );
    return { id: values.name, arn: answered(PolicyARN, "PolicyARN") };
  },
);

const hookType = resourceType(
  z.object({
    name: text,
    autoscaling_group_name: text,
    lifecycle_transition: text,
    heartbeat_timeout: optionalWhole,
    default_result: optionalText,
  }),
  async (values, { clients }) => {
    await clients.of(AutoScalingClient).send(
      new PutLifecycleHookCommand({
        ...defined({ HeartbeatTimeout: values.heartbeat_timeout, DefaultResult: values.default_result }),
        LifecycleHookName: values.name,
        AutoScalingGroupName: values.autoscaling_group_name,
        LifecycleTransition: values.lifecycle_transition,
      }),
    );
    return { id: values.name };
  },
);

const time = text.transform((iso) => new Date(iso));

const scheduleType = resourceType(
  z.object({
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
  async (values, { clients }) => {
    // to Terraform -1 is a size that stays as it is
    const size = (given: number | undefined): number | undefined => (given === -1 ? undefined : given);
    await clients.of(AutoScalingClient).send(
      new PutScheduledUpdateGroupActionCommand({
        ...defined({
          Recurrence: values.recurrence,
          TimeZone: values.time_zone,
          StartTime: values.start_time,
          EndTime: values.end_time,
          MinSize: size(values.min_size),
          MaxSize: size(values.max_size),
          DesiredCapacity: size(values.desired_capacity),
        }),
        ScheduledActionName: values.scheduled_action_name,
        AutoScalingGroupName: values.autoscaling_group_name,
      }),
    );
    return { id: values.scheduled_action_name };
  },
);

export const AUTO_SCALING_TYPES = {
  aws_autoscaling_group: groupType,
  aws_autoscaling_lifecycle_hook: hookType,
  aws_autoscaling_policy: policyType,
  aws_autoscaling_schedule: scheduleType,
} satisfies Record<string, ResourceType>;
