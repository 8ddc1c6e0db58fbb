import { AutoscalingGroup } from "@cdktf/provider-aws/lib/autoscaling-group";
import { AutoscalingLifecycleHook } from "@cdktf/provider-aws/lib/autoscaling-lifecycle-hook";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Grantee } from "../iam/statement";
import type { TemplateVersion } from "./worker-template";

export interface InstanceChoice {
  readonly instanceType: string;
  readonly template: TemplateVersion;
}

export interface WorkerGroupProps {
  readonly groupName: string;
  readonly subnetIds: readonly string[];
  /** Best first, each with what it is launched from; the first one's template is the group's. */
  readonly choices: readonly [InstanceChoice, ...InstanceChoice[]];
  readonly onDemandBaseCapacity: number;
  readonly onDemandPercentage: number;
  readonly minimumInstances: number;
  readonly initialInstances: number;
  readonly maximumInstances: number;
  readonly protectFromScaleIn: boolean;
  readonly terminationPolicies: readonly string[];
  readonly warmUpSeconds: number;
  /** Of the group's hook that lets workers drain. */
  readonly terminationHookName: string;
  /** How long the group waits for a worker whose instance it ends; an instance on which nobody answers stays for that long. */
  readonly terminationTimeoutSeconds: number;
  readonly region: string;
  readonly accountId: string;
  /** Tags of the group and of its instances; the provider's default tags reach neither. */
  readonly tags: Readonly<Record<string, string>>;
  /** What the first instance needs from its first minute: its permissions, the worker's archive. */
  readonly after: readonly ITerraformDependable[];
}

/**
 * The fleet: spot and on demand from several types in several zones. Nothing but a policy given beside it, the orchestrator (raises only)
 * and a worker's own retirement changes its size (invariant 6). An instance that the group ends for whatever reason waits until its worker
 * has drained, up to a time (docs/adr/0038-an-end-that-waits.md).
 */
export class WorkerGroup extends Construct {
  public readonly groupName: string;
  readonly #groupArn: string;

  public constructor(scope: Construct, id: string, props: WorkerGroupProps) {
    super(scope, id);
    const [{ template: own }] = props.choices;
    const group = new AutoscalingGroup(this, "Resource", {
      name: props.groupName,
      minSize: props.minimumInstances,
      desiredCapacity: props.initialInstances,
      maxSize: props.maximumInstances,
      vpcZoneIdentifier: [...props.subnetIds],
      mixedInstancesPolicy: {
        launchTemplate: {
          launchTemplateSpecification: specificationOf(own),
          // what an override doesn't say is the group's: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LaunchTemplateOverrides.html
          override: props.choices.map(({ instanceType, template }) => ({
            instanceType,
            ...(template === own ? {} : { launchTemplateSpecification: specificationOf(template) }),
          })),
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
    // a resource of its own and not the group's initial hook, which the provider never changes again. It goes before the group does: so
    // destroying the stack waits for no hook, and workers drain as on any machine that is shut down
    new AutoscalingLifecycleHook(this, "TerminationHook", {
      name: props.terminationHookName,
      autoscalingGroupName: group.name,
      lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatTimeout: props.terminationTimeoutSeconds,
      // an instance ends either way; so the group's other hooks, if somebody adds any, have their turn
      defaultResult: "CONTINUE",
    });
    this.groupName = group.name;
    this.#groupArn = `arn:aws:autoscaling:${props.region}:${props.accountId}:autoScalingGroup:*:autoScalingGroupName/${props.groupName}`;
  }

  /** Lets a worker end its own instance, and whoever looks for silent hosts end those: instances of this group. */
  public grantTerminate(grantee: Grantee): void {
    grantee.addStatement({
      sid: `TerminateIn${this.node.id}`,
      actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
      resources: [this.#groupArn],
    });
  }

  /** Lets a worker say that it has drained: of instances of this group. */
  public grantCompleteTermination(grantee: Grantee): void {
    grantee.addStatement({
      sid: `CompleteTerminationIn${this.node.id}`,
      actions: ["autoscaling:CompleteLifecycleAction"],
      resources: [this.#groupArn],
    });
  }

  /** Reads its size and its instances. */
  public grantRead(grantee: Grantee): void {
    grantee.addStatement({
      sid: `Read${this.node.id}`,
      actions: ["autoscaling:DescribeAutoScalingGroups"],
      resources: "any",
    });
  }

  /** Reads the size and sets it. */
  public grantResize(grantee: Grantee): void {
    this.grantRead(grantee);
    grantee.addStatement({ sid: `Resize${this.node.id}`, actions: ["autoscaling:SetDesiredCapacity"], resources: [this.#groupArn] });
  }
}

const specificationOf = ({ latestVersion: version, templateId: launchTemplateId }: TemplateVersion) => ({ launchTemplateId, version });
