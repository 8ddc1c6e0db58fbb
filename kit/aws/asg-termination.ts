import { AutoScalingServiceException, CompleteLifecycleActionCommand, type AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import type { Termination } from "../ports/capacity";
import type { Imds } from "./imds";

/** Which instance of which group, and the group's hook that holds its end up. */
export interface HookedInstance {
  readonly groupName: string;
  readonly hookName: string;
  readonly instanceId: string;
}

/** The end of the instance this process runs on, as its Auto Scaling group holds it up by a termination hook. */
export class AsgTermination implements Termination {
  public constructor(
    private readonly imds: Pick<Imds, "targetLifecycleState">,
    private readonly client: AutoScalingClient,
    private readonly instance: HookedInstance,
  ) {}

  public async isDue(): Promise<boolean> {
    return (await this.imds.targetLifecycleState()) === "Terminated";
  }

  /** @see https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CompleteLifecycleAction.html */
  public async complete(): Promise<boolean> {
    const { groupName, hookName, instanceId } = this.instance;
    try {
      await this.client.send(
        new CompleteLifecycleActionCommand({
          AutoScalingGroupName: groupName,
          LifecycleHookName: hookName,
          InstanceId: instanceId,
          LifecycleActionResult: "CONTINUE",
        }),
      );
      return true;
    } catch (error) {
      if (isNotWaiting(error)) return false;
      throw error;
    }
  }
}

/** The instance is on its way into the waiting state, or out of it again. */
const isNotWaiting = (error: unknown): boolean =>
  error instanceof AutoScalingServiceException && error.name === "ValidationError" && /no active lifecycle action/i.test(error.message);
