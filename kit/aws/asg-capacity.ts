import {
  AutoScalingServiceException,
  DescribeAutoScalingGroupsCommand,
  SetDesiredCapacityCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  type AutoScalingClient,
  type AutoScalingGroup,
} from "@aws-sdk/client-auto-scaling";
import type { Capacity, Hosts, Retirement } from "../ports/capacity";
import { isNotNow, isUnknownInstance } from "../scaling/errors";

/** Desired capacity of the fleet's Auto Scaling group. */
export class AsgCapacity implements Capacity {
  public constructor(
    private readonly client: AutoScalingClient,
    private readonly groupName: string,
  ) {}

  public async read(): Promise<{ desired: number; maximum: number }> {
    const { DesiredCapacity: desired, MaxSize: maximum } = await describe(this.client, this.groupName);
    if (desired === undefined || maximum === undefined)
      throw new Error(`the Auto Scaling group ${this.groupName} came without its sizes; ask again`);
    return { desired, maximum };
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

  public retire(): Promise<boolean> {
    return this.terminate(true);
  }

  public replace(): Promise<boolean> {
    return this.terminate(false);
  }

  /** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_TerminateInstanceInAutoScalingGroup.html */
  private async terminate(lowersCapacity: boolean): Promise<boolean> {
    try {
      await terminate(this.client, this.instanceId, lowersCapacity);
      return true;
    } catch (error) {
      if (isRefusal(error)) return false;
      throw error;
    }
  }
}

/** Instances of the fleet's Auto Scaling group, for whoever ends those that are silent. */
export class AsgHosts implements Hosts {
  public constructor(
    private readonly client: AutoScalingClient,
    private readonly groupName: string,
  ) {}

  public async inService(): Promise<string[]> {
    const { Instances = [] } = await describe(this.client, this.groupName);
    return Instances.flatMap(({ InstanceId, LifecycleState }) =>
      InstanceId !== undefined && LifecycleState === "InService" ? [InstanceId] : [],
    );
  }

  public async replace(instanceId: string): Promise<void> {
    try {
      await terminate(this.client, instanceId, false);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  public async end(instanceId: string): Promise<void> {
    try {
      await terminate(this.client, instanceId, true);
    } catch (error) {
      if (!isGone(error) && !isRefusal(error)) throw error;
    }
  }
}

async function describe(client: AutoScalingClient, groupName: string): Promise<AutoScalingGroup> {
  const { AutoScalingGroups = [] } = await client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [groupName] }));
  const [group] = AutoScalingGroups;
  if (group === undefined)
    throw new Error(`there is no Auto Scaling group ${groupName}; deploy the stack or correct AUTO_SCALING_GROUP_NAME`);
  return group;
}

const terminate = (client: AutoScalingClient, instanceId: string, lowersCapacity: boolean): Promise<unknown> =>
  client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: instanceId, ShouldDecrementDesiredCapacity: lowersCapacity }));

const isGone = (error: unknown): boolean => error instanceof AutoScalingServiceException && isUnknownInstance(error.name, error.message);

const isRefusal = (error: unknown): boolean => error instanceof AutoScalingServiceException && isNotNow(error.name, error.message);
