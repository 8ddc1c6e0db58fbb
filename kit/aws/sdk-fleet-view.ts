import {
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  type Activity,
  type AutoScalingClient,
} from "@aws-sdk/client-auto-scaling";
import { type CloudWatchClient, paginateDescribeAlarms } from "@aws-sdk/client-cloudwatch";
import { type EC2Client, paginateDescribeInstances } from "@aws-sdk/client-ec2";
import { PROJECT_TAG, TAG_KEYS } from "../lib/stack-marks";
import type { FleetGroup, FleetView, ScalingActivity, ScalingAlarm } from "../ports/fleet-view";

export interface FleetClients {
  readonly autoScaling: AutoScalingClient;
  readonly cloudWatch: CloudWatchClient;
  readonly ec2: EC2Client;
}

/** States of EC2 in which an instance may receive messages. */
const AT_WORK: readonly string[] = ["pending", "running", "stopping", "shutting-down"];

/** The stack has no group of that name (any more). */
export class GroupMissingError extends Error {
  public override readonly name = "GroupMissingError";
  public readonly fix = "deploy the stack, and write its outputs again with `terraform output -json`";
  public constructor(groupName: string) {
    super(`there is no Auto Scaling group '${groupName}'`);
  }
}

/** The Auto Scaling group of a stack through the SDK. */
export class SdkFleetView implements FleetView {
  /** @param isShared true: the account has other instances; the application's are told by their tag. An emulator's are all its own */
  public constructor(
    private readonly clients: FleetClients,
    private readonly groupName: string,
    private readonly isShared: boolean,
  ) {}

  public async group(): Promise<FleetGroup> {
    const { AutoScalingGroups: [group] = [] } = await this.clients.autoScaling.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [this.groupName] }),
    );
    if (group === undefined) throw new GroupMissingError(this.groupName);
    const { DefaultCooldown = 0, DesiredCapacity, Instances = [], MaxSize, MinSize } = group;
    if (DesiredCapacity === undefined || MaxSize === undefined || MinSize === undefined)
      throw new Error(`the Auto Scaling group ${this.groupName} came without its sizes; ask again`);
    return {
      minimum: MinSize,
      desired: DesiredCapacity,
      maximum: MaxSize,
      defaultCooldownSeconds: DefaultCooldown,
      instances: Instances.map(({ AvailabilityZone = "", InstanceId = "", LifecycleState = "" }) => ({
        id: InstanceId,
        state: LifecycleState,
        zone: AvailabilityZone,
      })),
    };
  }

  /** Those whose action is a policy of the group: its ARN names the group. */
  public async alarms(): Promise<readonly ScalingAlarm[]> {
    const alarms: ScalingAlarm[] = [];
    for await (const { MetricAlarms = [] } of paginateDescribeAlarms({ client: this.clients.cloudWatch }, {})) {
      for (const { AlarmActions = [], AlarmName = "", StateValue = "" } of MetricAlarms) {
        if (AlarmActions.some((arn) => arn.includes(`:autoScalingGroupName/${this.groupName}:`)))
          alarms.push({ name: AlarmName, state: StateValue });
      }
    }
    return alarms;
  }

  public async activities(most: number): Promise<readonly ScalingActivity[]> {
    const { Activities = [] } = await this.clients.autoScaling.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: this.groupName, MaxRecords: most }),
    );
    return Activities.map(activityOf);
  }

  public async runningInstances(): Promise<readonly string[]> {
    const ids: string[] = [];
    const filter = this.isShared ? { Filters: [{ Name: `tag:${TAG_KEYS.project}`, Values: [PROJECT_TAG] }] } : {};
    for await (const { Reservations = [] } of paginateDescribeInstances({ client: this.clients.ec2 }, filter)) {
      for (const { InstanceId = "", State } of Reservations.flatMap(({ Instances = [] }) => Instances))
        if (AT_WORK.includes(State?.Name ?? "")) ids.push(InstanceId);
    }
    return ids;
  }
}

export const activityOf = ({ Cause = "", Description = "", EndTime, StartTime, StatusCode, StatusMessage }: Activity): ScalingActivity => ({
  startedAt: StartTime?.toISOString() ?? "",
  ...(EndTime === undefined ? {} : { endedAt: EndTime.toISOString() }),
  status: StatusCode ?? "",
  description: Description,
  cause: Cause,
  ...(StatusMessage === undefined ? {} : { message: StatusMessage }),
});
