import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Grantee } from "../iam/statement";

export interface WorkerGroupProps {
  readonly groupName: string;
  readonly template: { readonly templateId: string; readonly latestVersion: string };
  readonly subnetIds: readonly string[];
  readonly instanceTypes: readonly string[];
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentage: number;
  readonly minimumInstances: number;
  readonly initialInstances: number;
  readonly maximumInstances: number;
  readonly protectFromScaleIn: boolean;
  readonly terminationPolicies: readonly string[];
  readonly warmUpSeconds: number;
  readonly region: string;
  readonly accountId: string;
  /** Tags of the group and of its instances; the provider's default tags reach neither. */
  readonly tags: Readonly<Record<string, string>>;
  /** What the first instance needs from its first minute: its permissions, the worker's archive. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The fleet: spot and on demand from several types in several zones. Nothing but a policy given beside it, the orchestrator (raises only)
 * and a worker's own retirement changes its size (invariant 6).
 */
export class WorkerGroup extends Construct {
  public readonly groupName: string;
  readonly #groupArn: string;

  public constructor(scope: Construct, id: string, props: WorkerGroupProps) {
    super(scope, id);
    const group = new AutoscalingGroup(this, "Resource", {
      name: props.groupName,
      minSize: props.minimumInstances,
      desiredCapacity: props.initialInstances,
      maxSize: props.maximumInstances,
      vpcZoneIdentifier: [...props.subnetIds],
      mixedInstancesPolicy: {
        launchTemplate: {
          launchTemplateSpecification: { launchTemplateId: props.template.templateId, version: props.template.latestVersion },
          override: props.instanceTypes.map((instanceType) => ({ instanceType })),
        },
        instancesDistribution: {
          onDemandBaseCapacity: props.onDemandBaseCapacity,
          onDemandPercentageAboveBaseCapacity: props.onDemandPercentage,
          // pools with spare capacity first, then the cheapest of them; AWS's default looks at the price only
          spotAllocationStrategy: "price-capacity-optimized",
        },
      },
      protectFromScaleIn: props.protectFromScaleIn,
      terminationPolicies: [...props.terminationPolicies],
      // both would end workers that are busy, to be replaced by others
      capacityRebalance: false,
      suspendedProcesses: ["AZRebalance"],
      // unset, scaling falls back to a cooldown of 300 s. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-default-instance-warmup.html
      defaultInstanceWarmup: props.warmUpSeconds,
      healthCheckType: "EC2",
      healthCheckGracePeriod: props.warmUpSeconds,
      metricsGranularity: "1Minute",
      enabledMetrics: ["GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupTerminatingInstances"],
      // a group may stand at zero: nothing to wait for
      waitForCapacityTimeout: "0",
      tag: Object.entries(props.tags).map(([key, value]) => ({ key, value, propagateAtLaunch: true })),
      // scaling owns it after the first apply
      lifecycle: { ignoreChanges: ["desired_capacity"] },
      dependsOn: [...props.after],
    });
    this.groupName = group.name;
    this.#groupArn = `arn:aws:autoscaling:${props.region}:${props.accountId}:autoScalingGroup:*:autoScalingGroupName/${props.groupName}`;
  }

  /** Lets a worker end its own instance, and whoever looks for silent hosts end those: instances of this group. */
  public grantTerminate(grantee: Grantee): void {
    grantee.addStatement({
      sid: "TerminateInGroup",
      actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
      resources: [this.#groupArn],
    });
  }

  /** Reads its size and its instances. */
  public grantRead(grantee: Grantee): void {
    grantee.addStatement({
      sid: "ReadGroup",
      actions: ["autoscaling:DescribeAutoScalingGroups"],
      resources: "any",
    });
  }

  /** Reads the size and sets it. */
  public grantResize(grantee: Grantee): void {
    this.grantRead(grantee);
    grantee.addStatement({ sid: "ResizeGroup", actions: ["autoscaling:SetDesiredCapacity"], resources: [this.#groupArn] });
  }
}
