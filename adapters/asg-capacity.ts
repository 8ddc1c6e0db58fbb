import {
  AutoScalingServiceException,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  type AutoScalingClient,
} from "@aws-sdk/client-auto-scaling";
import type { Capacity, Retirement } from "../core/ports/capacity";

/** Desired capacity of the fleet's Auto Scaling group. */
export class AsgCapacity implements Capacity {
  public constructor(
    private readonly client: AutoScalingClient,
    private readonly groupName: string,
  ) {}

  public async read(): Promise<{ desired: number; maximum: number }> {
    const { AutoScalingGroups = [] } = await this.client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.groupName] }),
    );
    const [group] = AutoScalingGroups;
    if (group?.DesiredCapacity === undefined || group.MaxSize === undefined) {
      throw new Error(`there is no Auto Scaling group ${this.groupName}; deploy the stack or correct AUTO_SCALING_GROUP_NAME`);
    }
    return { desired: group.DesiredCapacity, maximum: group.MaxSize };
  }

  public async setDesired(capacity: number): Promise<void> {
    // a cooldown would hold back a raise that waiting work asks for
    await this.client.send(
      new SetDesiredCapacityCommand({ AutoScalingGroupName: this.groupName, DesiredCapacity: capacity, HonorCooldown: false }),
    );
  }
}

/** Ends the instance this process runs on. */
export class AsgRetirement implements Retirement {
  public constructor(
    private readonly client: AutoScalingClient,
    private readonly instanceId: string,
  ) {}

  /** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html */
  public async retire(): Promise<boolean> {
    try {
      await this.client.send(
        new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: this.instanceId, ShouldDecrementDesiredCapacity: true }),
      );
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }
}

/** The group is at its minimum size, or another activity is under way: both mean "not now". */
const isRefusal = (error: unknown): boolean =>
  error instanceof AutoScalingServiceException &&
  (error.name.startsWith("ScalingActivityInProgress") || (error.name === "ValidationError" && /min(imum)? ?size/i.test(error.message)));
