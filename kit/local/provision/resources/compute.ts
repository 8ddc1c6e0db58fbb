import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  PutLifecycleHookCommand,
  PutScalingPolicyCommand,
} from "@aws-sdk/client-auto-scaling";
import { CreateLaunchTemplateCommand, EC2Client } from "@aws-sdk/client-ec2";
import type { _InstanceType, RequestLaunchTemplateData } from "@aws-sdk/client-ec2";
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
import { answered, defined, recorded, resourceType } from "../resource-type";
import type { ResourceType } from "../resource-type";

const NO_INSTANCES = "the emulator launches no instances; workers are processes of this machine, made from the same user data and role";

const launchTemplateArguments = z.object({
  name: text,
  description: optionalText,
  image_id: optionalText,
  instance_type: optionalText,
  key_name: optionalText,
  user_data: optionalText,
  ebs_optimized: optionalText,
  vpc_security_group_ids: optionalTexts,
  iam_instance_profile: block(z.object({ arn: optionalText, name: optionalText })),
  metadata_options: block(z.object({ http_endpoint: optionalText, http_tokens: optionalText, http_put_response_hop_limit: optionalWhole })),
  block_device_mappings: blocks(
    z.object({
      device_name: text,
      ebs: block(
        z.object({ volume_type: optionalText, volume_size: optionalWhole, encrypted: optionalFlag, delete_on_termination: optionalFlag }),
      ),
    }),
  ),
});

function launchTemplateData(values: z.output<typeof launchTemplateArguments>): RequestLaunchTemplateData {
  const { iam_instance_profile: profile, metadata_options: metadata } = values;
  return defined({
    ImageId: values.image_id,
    InstanceType: values.instance_type as _InstanceType | undefined,
    KeyName: values.key_name,
    UserData: values.user_data,
    EbsOptimized: values.ebs_optimized === undefined ? undefined : values.ebs_optimized === "true",
    SecurityGroupIds: values.vpc_security_group_ids,
    IamInstanceProfile: profile === undefined ? undefined : defined({ Arn: profile.arn, Name: profile.name }),
    MetadataOptions:
      metadata === undefined
        ? undefined
        : defined({
            HttpEndpoint: metadata.http_endpoint as "enabled" | "disabled" | undefined,
            HttpTokens: metadata.http_tokens as "required" | "optional" | undefined,
            HttpPutResponseHopLimit: metadata.http_put_response_hop_limit,
          }),
    BlockDeviceMappings: values.block_device_mappings.map(({ device_name, ebs }) => ({
      DeviceName: device_name,
      ...(ebs === undefined
        ? {}
        : {
            Ebs: defined({
              VolumeType: ebs.volume_type as "gp3" | undefined,
              VolumeSize: ebs.volume_size,
              Encrypted: ebs.encrypted,
              DeleteOnTermination: ebs.delete_on_termination,
            }),
          }),
    })),
  });
}

const launchTemplateType = resourceType(
  launchTemplateArguments,
  async (values, { clients, region, accountId }) => {
    const { LaunchTemplate } = await clients.of(EC2Client).send(
      new CreateLaunchTemplateCommand({
        ...defined({ VersionDescription: values.description }),
        LaunchTemplateName: values.name,
        LaunchTemplateData: launchTemplateData(values),
      }),
    );
    const id = answered(LaunchTemplate?.LaunchTemplateId, "LaunchTemplateId");
    return { id, arn: `arn:aws:ec2:${region}:${accountId}:launch-template/${id}`, latest_version: 1, default_version: 1 };
  },
  recorded(NO_INSTANCES),
);

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
  async (values, { clients, region, accountId }) => {
    const { mixed_instances_policy: mixed, launch_template: single } = values;
    const specification = mixed?.launch_template?.launch_template_specification;
    const distribution = mixed?.instances_distribution;
    await clients.of(AutoScalingClient).send(
      new CreateAutoScalingGroupCommand({
        ...defined({
          DesiredCapacity: values.desired_capacity,
          VPCZoneIdentifier: values.vpc_zone_identifier?.join(","),
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
      }),
    );
    return {
      id: values.name,
      arn: `arn:aws:autoscaling:${region}:${accountId}:autoScalingGroup:local:autoScalingGroupName/${values.name}`,
    };
  },
  {
    ...recorded(NO_INSTANCES),
    arguments: {
      enabled_metrics: { instead: "not sent", reason: "the group has no instances to count" },
      suspended_processes: {
        instead: "not sent",
        reason: "the emulator knows no SuspendProcesses, and its group has no processes of its own to suspend",
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
  recorded(NO_INSTANCES),
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
  recorded(NO_INSTANCES),
);

export const COMPUTE_TYPES = {
  aws_autoscaling_group: groupType,
  aws_autoscaling_lifecycle_hook: hookType,
  aws_autoscaling_policy: policyType,
  aws_launch_template: launchTemplateType,
} satisfies Record<string, ResourceType>;
