import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeScalingActivitiesCommand,
  SetDesiredCapacityCommand,
  type AutoScalingGroup,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeInstancesCommand, EC2Client, type Instance } from "@aws-sdk/client-ec2";
import { isForScaling } from "../../alarms/metric-alarm";
import { activityOf } from "../../aws/sdk-fleet-view";
import type { ScalingActivity } from "../../ports/fleet-view";
import { Clients } from "../provision/clients";
import type { BackgroundStack } from "./up-file";

/** An instance of a group. */
export interface InstanceView {
  readonly id: string;
  /** As Auto Scaling names it, such as `InService`. */
  readonly state: string;
  readonly zone: string;
  readonly market: "on-demand" | "spot";
  readonly instanceType: string;
}

export type ActivityView = ScalingActivity;

export interface GroupView {
  readonly name: string;
  readonly minimum: number;
  readonly desired: number;
  readonly maximum: number;
  readonly suspended: readonly string[];
  readonly instances: readonly InstanceView[];
  /** The latest first, as many as were asked for. */
  readonly activities: readonly ActivityView[];
}

/** An alarm that changes the capacity of a group. */
export interface AlarmView {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly changedAt: string;
}

export interface ScalingView {
  readonly groups: readonly GroupView[];
  readonly alarms: readonly AlarmView[];
}

type Access = Pick<BackgroundStack, "endpoint" | "environment">;

/** What Auto Scaling of a stack has done and why. @param activities how many of each group */
export async function readScaling(stack: Access, activities: number): Promise<ScalingView> {
  return withClients(stack, async (clients) => {
    const [{ AutoScalingGroups = [] }, { Reservations = [] }, { MetricAlarms = [] }] = await Promise.all([
      clients.of(AutoScalingClient).send(new DescribeAutoScalingGroupsCommand({})),
      clients.of(EC2Client).send(new DescribeInstancesCommand({})),
      clients.of(CloudWatchClient).send(new DescribeAlarmsCommand({})),
    ]);
    const machines = Reservations.flatMap(({ Instances = [] }) => Instances);
    const groups = await Promise.all(AutoScalingGroups.map((group) => groupView(clients, group, machines, activities)));
    const alarms = MetricAlarms.filter(({ AlarmActions: ALARM = [] }) =>
      isForScaling({ actions: { ALARM, OK: [], INSUFFICIENT_DATA: [] } }),
    );
    return {
      groups,
      alarms: alarms.map(({ AlarmName = "", StateReason = "", StateUpdatedTimestamp, StateValue = "" }) => ({
        name: AlarmName,
        state: StateValue,
        reason: StateReason,
        changedAt: StateUpdatedTimestamp?.toISOString() ?? "",
      })),
    };
  });
}

/** Sets the desired capacity of a group. @throws ValidationError of the SDK for one that it can't have */
export const setDesired = (stack: Access, groupName: string, capacity: number): Promise<void> =>
  withClients(stack, async (clients) => {
    await clients
      .of(AutoScalingClient)
      .send(new SetDesiredCapacityCommand({ AutoScalingGroupName: groupName, DesiredCapacity: capacity, HonorCooldown: false }));
  });

async function withClients<T>({ endpoint, environment }: Access, work: (clients: Clients) => Promise<T>): Promise<T> {
  const clients = new Clients(endpoint, {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
  });
  try {
    return await work(clients);
  } finally {
    clients.destroy();
  }
}

async function groupView(clients: Clients, group: AutoScalingGroup, machines: readonly Instance[], most: number): Promise<GroupView> {
  const name = group.AutoScalingGroupName ?? "";
  const { Activities = [] } = await clients
    .of(AutoScalingClient)
    .send(new DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: most }));
  return {
    name,
    minimum: group.MinSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    maximum: group.MaxSize ?? 0,
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
    instances: (group.Instances ?? []).map(({ AvailabilityZone = "", InstanceId = "", InstanceType = "", LifecycleState = "" }) => ({
      id: InstanceId,
      state: LifecycleState,
      zone: AvailabilityZone,
      market: machines.find((machine) => machine.InstanceId === InstanceId)?.InstanceLifecycle === "spot" ? "spot" : "on-demand",
      instanceType: InstanceType,
    })),
    activities: Activities.map(activityOf),
  };
}
