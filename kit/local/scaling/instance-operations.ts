import {
  DescribeAutoScalingInstances$,
  DescribeInstanceRefreshes$,
  DescribeLoadBalancers$,
  DescribeLoadBalancerTargetGroups$,
  DescribeNotificationConfigurations$,
  DescribeScalingActivities$,
  DescribeTrafficSources$,
  DescribeWarmPool$,
  SetInstanceHealth$,
  SetInstanceProtection$,
  TerminateInstanceInAutoScalingGroup$,
  type Activity,
  type DescribeAutoScalingInstancesCommand,
  type DescribeInstanceRefreshesCommand,
  type DescribeLoadBalancersCommand,
  type DescribeLoadBalancerTargetGroupsCommand,
  type DescribeNotificationConfigurationsCommand,
  type DescribeScalingActivitiesCommand,
  type DescribeTrafficSourcesCommand,
  type DescribeWarmPoolCommand,
  type SetInstanceHealthCommand,
  type SetInstanceProtectionCommand,
  type TerminateInstanceInAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { Activity as GroupActivity } from "../../scaling/activity";
import { operation, type Operation } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import { describeInstance } from "./group-record";
import type { FoundInstance, LocalScaling } from "./local-scaling";
import type { OperationContext } from "./operation-context";
import { refusing } from "./refusing";

/** AWS's default and most. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeScalingActivities.html */
const ACTIVITIES_A_PAGE = 100;

/** Instances of groups, and what became of them. */
export const instanceOperations = ({ scaling }: OperationContext): Operation[] => [
  operation<DescribeAutoScalingInstancesCommand>(DescribeAutoScalingInstances$, ({ InstanceIds: ids = [] }) => ({
    AutoScalingInstances: scaling.instances
      .filter(({ instance }) => ids.length === 0 || ids.includes(instance.id))
      .map(({ instance, record }) => {
        const { HealthStatus, ...described } = describeInstance(record, instance);
        return { ...described, AutoScalingGroupName: record.name, HealthStatus: HealthStatus?.toUpperCase() };
      }),
  })),
  operation<TerminateInstanceInAutoScalingGroupCommand>(TerminateInstanceInAutoScalingGroup$, (request) => {
    const { group, instance } = instanceOf(scaling, request.InstanceId);
    const lowersDesired = needed(request.ShouldDecrementDesiredCapacity, "ShouldDecrementDesiredCapacity");
    refusing(() => {
      group.terminate(instance.id, scaling.clock.now(), {
        lowersDesired,
        reason: "a caller of TerminateInstanceInAutoScalingGroup asked for it",
      });
    });
    const activity = group.activities.findLast(({ instanceId }) => instanceId === instance.id);
    const described = activity === undefined ? {} : { Activity: describedActivity(group.name, activity) };
    scaling.settle();
    return described;
  }),
  operation<SetInstanceProtectionCommand>(SetInstanceProtection$, ({ AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn }) => {
    const group = scaling.group(needed(AutoScalingGroupName, "AutoScalingGroupName"));
    const isProtected = needed(ProtectedFromScaleIn, "ProtectedFromScaleIn");
    for (const id of needed(InstanceIds, "InstanceIds"))
      refusing(() => {
        group.protect(id, isProtected);
      });
    scaling.settle();
    return {};
  }),
  operation<SetInstanceHealthCommand>(SetInstanceHealth$, ({ HealthStatus, InstanceId }) => {
    const { group, instance } = instanceOf(scaling, InstanceId);
    if (HealthStatus !== "Unhealthy") return {};
    refusing(() => {
      group.terminate(instance.id, scaling.clock.now(), { lowersDesired: false, reason: "it was said to be unhealthy" });
    });
    scaling.settle();
    return {};
  }),
  operation<DescribeScalingActivitiesCommand>(
    DescribeScalingActivities$,
    ({ ActivityIds: ids = [], AutoScalingGroupName, MaxRecords, NextToken }) => {
      const groups =
        AutoScalingGroupName === undefined ? scaling.groups.map(({ name }) => name) : [scaling.record(AutoScalingGroupName).name];
      const latestFirst = groups
        .flatMap((name) => scaling.group(name).activities.map((activity) => ({ name, activity })))
        .reverse()
        .sort((a, b) => b.activity.startedAt - a.activity.startedAt)
        .map(({ activity, name }) => describedActivity(name, activity))
        .filter(({ ActivityId = "" }) => ids.length === 0 || ids.includes(ActivityId));
      const from = NextToken === undefined ? 0 : Number(NextToken);
      const until = from + Math.min(MaxRecords ?? ACTIVITIES_A_PAGE, ACTIVITIES_A_PAGE);
      return { Activities: latestFirst.slice(from, until), ...(until < latestFirst.length ? { NextToken: String(until) } : {}) };
    },
  ),
  // of what groups of a local run have none
  operation<DescribeWarmPoolCommand>(DescribeWarmPool$, ({ AutoScalingGroupName }) => {
    scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
    return { Instances: [] };
  }),
  operation<DescribeInstanceRefreshesCommand>(DescribeInstanceRefreshes$, () => ({ InstanceRefreshes: [] })),
  operation<DescribeLoadBalancersCommand>(DescribeLoadBalancers$, () => ({ LoadBalancers: [] })),
  operation<DescribeLoadBalancerTargetGroupsCommand>(DescribeLoadBalancerTargetGroups$, () => ({ LoadBalancerTargetGroups: [] })),
  operation<DescribeTrafficSourcesCommand>(DescribeTrafficSources$, () => ({ TrafficSources: [] })),
  operation<DescribeNotificationConfigurationsCommand>(DescribeNotificationConfigurations$, () => ({ NotificationConfigurations: [] })),
];

function instanceOf(scaling: LocalScaling, instanceId: string | undefined): FoundInstance {
  const id = needed(instanceId, "InstanceId");
  const found = scaling.find(id);
  if (found === undefined)
    throw new ServiceError("ValidationError", `Instance Id not found - No managed instance found for instance ID: ${id}`);
  return found;
}

const describedActivity = (groupName: string, activity: Readonly<GroupActivity>): Activity => ({
  ActivityId: `${groupName}:${activity.id}`,
  AutoScalingGroupName: groupName,
  Description: activity.description,
  Cause: activity.cause,
  StartTime: new Date(activity.startedAt),
  ...(activity.endedAt === undefined ? {} : { EndTime: new Date(activity.endedAt) }),
  StatusCode: activity.status,
  ...(activity.statusMessage === undefined ? {} : { StatusMessage: activity.statusMessage }),
  Progress: activity.status === "InProgress" ? 50 : 100,
});
