/** What of a group can be suspended. https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html */
export const SCALING_PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
] as const;
export type ScalingProcess = (typeof SCALING_PROCESSES)[number];

/** Which instance goes first, within the zone that has most. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-termination-policies.html */
export const TERMINATION_POLICIES = [
  "Default",
  "NewestInstance",
  "OldestInstance",
  "OldestLaunchTemplate",
  "ClosestToNextInstanceHour",
] as const;
export type TerminationPolicy = (typeof TERMINATION_POLICIES)[number];

export type Market = "on-demand" | "spot";

/** Where instances of one type come from: each pool has its own spare capacity. */
export interface CapacityPool {
  readonly zone: string;
  readonly instanceType: string;
  readonly market: Market;
}

/** On demand and spot, of several types. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-mixed-instances-groups.html */
export interface InstanceMix {
  /** Best first. */
  readonly instanceTypes: readonly string[];
  /** Instances that are on demand before any is spot. */
  readonly onDemandBase: number;
  /** Of those above the base, in percent. */
  readonly onDemandPercentage: number;
}

export const LIFECYCLE_TRANSITIONS = ["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"] as const;

/** Holds instances back on their way in or out until somebody says that they may go on. */
export interface LifecycleHook {
  readonly name: string;
  readonly transition: (typeof LIFECYCLE_TRANSITIONS)[number];
  /** What is done when nobody says anything for so long. */
  readonly heartbeatTimeoutSeconds: number;
  readonly defaultResult: LifecycleResult;
}
export type LifecycleResult = "CONTINUE" | "ABANDON";

/** An Auto Scaling group as it is made. */
export interface GroupDefinition {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly desired: number;
  /** Names of the zones of its subnets. */
  readonly zones: readonly string[];
  readonly mix: InstanceMix;
  /** What new instances are made from; older ones may have another. */
  readonly launchTemplateVersion: string;
  readonly protectsNewInstances: boolean;
  /** In their order. */
  readonly terminationPolicies: readonly TerminationPolicy[];
  /** Replaces instances for which EC2 recommends it. */
  readonly capacityRebalance: boolean;
  readonly suspended: readonly ScalingProcess[];
  /** For simple policies that say none. */
  readonly defaultCooldownSeconds: number;
  /** Until an instance in service counts in full. @default what the policy says, else the cooldown */
  readonly warmUpSeconds?: number;
  readonly hooks: readonly LifecycleHook[];
}

/** AWS's, where a group says nothing of them: all on demand. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstancesDistribution.html */
export const DEFAULT_SHARES = { onDemandBase: 0, onDemandPercentage: 100 } as const;
/** AWS's, where a group says none. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html */
export const DEFAULT_COOLDOWN_SECONDS = 300;
/** AWS's, where a hook says none. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html */
export const DEFAULT_HEARTBEAT_SECONDS = 3_600;
