import type {
  AutoScalingGroup,
  CreateAutoScalingGroupType,
  Instance,
  InstancesDistribution,
  MixedInstancesPolicy,
  PutScalingPolicyType,
  PutScheduledUpdateGroupActionType,
  TagDescription,
} from "@aws-sdk/client-auto-scaling";
import {
  DEFAULT_COOLDOWN_SECONDS,
  DEFAULT_SHARES,
  TERMINATION_POLICIES,
  type GroupDefinition,
  type LifecycleHook,
  type TerminationPolicy,
} from "../../scaling/definition";
import type { GroupInstance } from "../../scaling/instance";
import type { ScalingPolicy, ScheduledAction } from "../../scaling/policy";
import type { ScalingGroup } from "../../scaling/scaling-group";
import { needed, ServiceError } from "../services/service-error";

/** All that a group may be made with or changed to. */
export type GroupRequest = Partial<CreateAutoScalingGroupType>;

export interface PolicyRecord {
  readonly arn: string;
  readonly request: PutScalingPolicyType;
  readonly policy: ScalingPolicy;
}

export interface ActionRecord {
  readonly arn: string;
  readonly request: PutScheduledUpdateGroupActionType;
  readonly action: ScheduledAction;
}

/** A group as the API's callers made it: what the engine doesn't need of it is told again when they ask. */
export interface GroupRecord {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  request: GroupRequest;
  /** Of its subnets. */
  zones: readonly string[];
  readonly tags: Map<string, TagDescription>;
  readonly metrics: Set<string>;
  /** By name. */
  readonly policies: Map<string, PolicyRecord>;
  readonly hooks: Map<string, LifecycleHook>;
  readonly actions: Map<string, ActionRecord>;
}

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html */
export const GROUP_METRICS = [
  "GroupMinSize",
  "GroupMaxSize",
  "GroupDesiredCapacity",
  "GroupInServiceInstances",
  "GroupPendingInstances",
  "GroupStandbyInstances",
  "GroupTerminatingInstances",
  "GroupTotalInstances",
] as const;
export type GroupMetric = (typeof GROUP_METRICS)[number];

/** AWS's, where nothing is said. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html */
const DISTRIBUTION_DEFAULTS = {
  OnDemandAllocationStrategy: "prioritized",
  OnDemandBaseCapacity: DEFAULT_SHARES.onDemandBase,
  OnDemandPercentageAboveBaseCapacity: DEFAULT_SHARES.onDemandPercentage,
  SpotAllocationStrategy: "lowest-price",
} satisfies InstancesDistribution;

/** What the engine makes of a group. @throws ServiceError for what it can't be */
export function definitionOf({ hooks, name, request, zones }: GroupRecord): GroupDefinition {
  const minimum = needed(request.MinSize, "MinSize");
  const maximum = needed(request.MaxSize, "MaxSize");
  const desired = request.DesiredCapacity ?? minimum;
  if (minimum > maximum || desired < minimum || desired > maximum)
    throw new ServiceError("ValidationError", `the sizes ${minimum} to ${maximum} with ${desired} desired are no sizes of a group`);
  const { InstancesDistribution: distribution } = request.MixedInstancesPolicy ?? {};
  return {
    name,
    minimum,
    maximum,
    desired,
    zones,
    mix: {
      instanceTypes: instanceTypesOf(request.MixedInstancesPolicy),
      onDemandBase: distribution?.OnDemandBaseCapacity ?? DISTRIBUTION_DEFAULTS.OnDemandBaseCapacity,
      onDemandPercentage: distribution?.OnDemandPercentageAboveBaseCapacity ?? DISTRIBUTION_DEFAULTS.OnDemandPercentageAboveBaseCapacity,
    },
    launchTemplateVersion: templateOf(request)?.Version ?? "$Default",
    protectsNewInstances: request.NewInstancesProtectedFromScaleIn ?? false,
    terminationPolicies: (request.TerminationPolicies ?? ["Default"]).map(terminationPolicyOf),
    capacityRebalance: request.CapacityRebalance ?? false,
    suspended: [],
    defaultCooldownSeconds: request.DefaultCooldown ?? DEFAULT_COOLDOWN_SECONDS,
    // -1 takes it away again
    ...(request.DefaultInstanceWarmup === undefined || request.DefaultInstanceWarmup < 0
      ? {}
      : { warmUpSeconds: request.DefaultInstanceWarmup }),
    hooks: [...hooks.values()],
  };
}

/** Of what is launched without a mix of types the template tells the type, which is no part of the group. */
const SINGLE_TYPE = "of-its-template";

function instanceTypesOf(policy: MixedInstancesPolicy | undefined): string[] {
  const types = (policy?.LaunchTemplate?.Overrides ?? []).flatMap(({ InstanceType }) => InstanceType ?? []);
  return types.length === 0 ? [SINGLE_TYPE] : types;
}

const templateOf = ({ LaunchTemplate, MixedInstancesPolicy: mixed }: GroupRequest): GroupRequest["LaunchTemplate"] =>
  LaunchTemplate ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;

function terminationPolicyOf(name: string): TerminationPolicy {
  const known = TERMINATION_POLICIES.find((each) => each === name);
  if (known === undefined) throw new ServiceError("ValidationError", `the termination policy ${name} is not known to the local run`);
  return known;
}

/** The group as DescribeAutoScalingGroups tells it. */
export function describeGroup(record: GroupRecord, group: ScalingGroup, accountId: string): AutoScalingGroup {
  const { request } = record;
  const { maximum, minimum } = group.settings;
  const mixed = request.MixedInstancesPolicy;
  return {
    AutoScalingGroupName: record.name,
    AutoScalingGroupARN: record.arn,
    MinSize: minimum,
    MaxSize: maximum,
    DesiredCapacity: group.desired,
    DefaultCooldown: group.settings.defaultCooldownSeconds,
    AvailabilityZones: [...new Set(record.zones)],
    LoadBalancerNames: [],
    TargetGroupARNs: [],
    TrafficSources: [],
    HealthCheckType: request.HealthCheckType ?? "EC2",
    HealthCheckGracePeriod: request.HealthCheckGracePeriod ?? 0,
    Instances: group.instances.map((instance) => describeInstance(record, instance)),
    CreatedTime: record.createdAt,
    SuspendedProcesses: group.suspended.map((ProcessName) => ({ ProcessName, SuspensionReason: "User suspended" })),
    ...(request.VPCZoneIdentifier === undefined ? {} : { VPCZoneIdentifier: request.VPCZoneIdentifier }),
    EnabledMetrics: [...record.metrics].map((Metric) => ({ Metric, Granularity: "1Minute" })),
    Tags: [...record.tags.values()],
    TerminationPolicies: request.TerminationPolicies ?? ["Default"],
    NewInstancesProtectedFromScaleIn: group.settings.protectsNewInstances,
    ServiceLinkedRoleARN:
      request.ServiceLinkedRoleARN ??
      `arn:aws:iam::${accountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling`,
    CapacityRebalance: group.settings.capacityRebalance,
    ...(group.settings.warmUpSeconds === undefined ? {} : { DefaultInstanceWarmup: group.settings.warmUpSeconds }),
    ...(request.MaxInstanceLifetime === undefined ? {} : { MaxInstanceLifetime: request.MaxInstanceLifetime }),
    ...(request.LaunchTemplate === undefined ? {} : { LaunchTemplate: request.LaunchTemplate }),
    ...(mixed === undefined
      ? {}
      : { MixedInstancesPolicy: { ...mixed, InstancesDistribution: { ...DISTRIBUTION_DEFAULTS, ...mixed.InstancesDistribution } } }),
  };
}

export const describeInstance = ({ request }: GroupRecord, instance: Readonly<GroupInstance>): Instance => ({
  InstanceId: instance.id,
  InstanceType: instance.instanceType,
  AvailabilityZone: instance.zone,
  LifecycleState: instance.state,
  HealthStatus: instance.isHealthy ? "Healthy" : "Unhealthy",
  ProtectedFromScaleIn: instance.isProtected,
  ...launchTemplateOf(request, instance),
});

function launchTemplateOf(request: GroupRequest, { launchTemplateVersion }: Readonly<GroupInstance>): Pick<Instance, "LaunchTemplate"> {
  const template = templateOf(request);
  return template === undefined ? {} : { LaunchTemplate: { ...template, Version: launchTemplateVersion } };
}
