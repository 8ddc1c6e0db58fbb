import {
  CreateAutoScalingGroup$,
  DeleteAutoScalingGroup$,
  DescribeAutoScalingGroups$,
  DisableMetricsCollection$,
  EnableMetricsCollection$,
  ResumeProcesses$,
  SetDesiredCapacity$,
  SuspendProcesses$,
  UpdateAutoScalingGroup$,
  type CreateAutoScalingGroupCommand,
  type DeleteAutoScalingGroupCommand,
  type DescribeAutoScalingGroupsCommand,
  type DisableMetricsCollectionCommand,
  type EnableMetricsCollectionCommand,
  type ResumeProcessesCommand,
  type SetDesiredCapacityCommand,
  type SuspendProcessesCommand,
  type UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import type { SuspendProcessesCommandInput } from "@aws-sdk/client-auto-scaling";
import { randomUUID } from "node:crypto";
import { SCALING_PROCESSES, type GroupDefinition, type ScalingProcess } from "../../scaling/definition";
import { operation, type Operation } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import { definitionOf, describeGroup, GROUP_METRICS, type GroupRecord, type GroupRequest } from "./group-record";
import { hookOf } from "./hook-operations";
import type { OperationContext } from "./operation-context";
import { refusing } from "./refusing";
import { putTags } from "./tag-operations";

/** Groups: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_Operations.html */
export function groupOperations(context: OperationContext): Operation[] {
  const { accountId, place, scaling } = context;
  const described = (record: GroupRecord) => describeGroup(record, scaling.group(record.name), accountId);
  return [
    operation<CreateAutoScalingGroupCommand>(CreateAutoScalingGroup$, async (request) => {
      const name = needed(request.AutoScalingGroupName, "AutoScalingGroupName");
      const zones = await zonesOf(context, request);
      if (scaling.groups.some((each) => each.name === name))
        throw new ServiceError(
          "AlreadyExists",
          `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`,
        );
      const record: GroupRecord = {
        name,
        arn: `arn:aws:autoscaling:${place}:autoScalingGroup:${randomUUID()}:autoScalingGroupName/${name}`,
        createdAt: new Date(scaling.clock.now()),
        request,
        zones,
        tags: new Map(),
        metrics: new Set(),
        policies: new Map(),
        hooks: new Map(
          (request.LifecycleHookSpecificationList ?? []).map((hook) => [needed(hook.LifecycleHookName, "LifecycleHookName"), hookOf(hook)]),
        ),
        actions: new Map(),
      };
      putTags(record, request.Tags ?? []);
      scaling.add(record);
      return {};
    }),
    operation<UpdateAutoScalingGroupCommand>(UpdateAutoScalingGroup$, async (request) => {
      const record = scaling.record(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      const next: GroupRecord = { ...record, request: changed(record.request, request) };
      next.zones =
        request.VPCZoneIdentifier === undefined && request.AvailabilityZones === undefined
          ? record.zones
          : await zonesOf(context, next.request);
      const definition = definitionOf({ ...next, request: withinBounds(next.request) });
      const group = scaling.group(record.name);
      const desired = request.DesiredCapacity ?? clamped(group.desired, definition);
      refusing(() => {
        group.update({ ...definition, desired }, scaling.clock.now());
      });
      Object.assign(record, { request: next.request, zones: next.zones });
      scaling.settle();
      return {};
    }),
    operation<DeleteAutoScalingGroupCommand>(DeleteAutoScalingGroup$, ({ AutoScalingGroupName, ForceDelete }) => {
      const name = needed(AutoScalingGroupName, "AutoScalingGroupName");
      if (ForceDelete !== true && scaling.group(name).instances.length > 0)
        throw new ServiceError(
          "ResourceInUse",
          "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
        );
      scaling.remove(name);
      return {};
    }),
    operation<DescribeAutoScalingGroupsCommand>(DescribeAutoScalingGroups$, ({ AutoScalingGroupNames: names }) => ({
      AutoScalingGroups: scaling.groups
        .filter(({ name }) => names === undefined || names.length === 0 || names.includes(name))
        .map(described),
    })),
    operation<SetDesiredCapacityCommand>(SetDesiredCapacity$, ({ AutoScalingGroupName, DesiredCapacity, HonorCooldown }) => {
      const group = scaling.group(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      refusing(() => {
        group.setDesired(needed(DesiredCapacity, "DesiredCapacity"), scaling.clock.now(), { honorsCooldown: HonorCooldown ?? false });
      });
      scaling.settle();
      return {};
    }),
    operation<SuspendProcessesCommand>(SuspendProcesses$, (request) => {
      scaling.group(needed(request.AutoScalingGroupName, "AutoScalingGroupName")).suspend(processesOf(request));
      return {};
    }),
    operation<ResumeProcessesCommand>(ResumeProcesses$, (request) => {
      scaling.group(needed(request.AutoScalingGroupName, "AutoScalingGroupName")).resume(processesOf(request));
      scaling.settle();
      return {};
    }),
    operation<EnableMetricsCollectionCommand>(EnableMetricsCollection$, ({ AutoScalingGroupName, Metrics }) => {
      const record = scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      for (const metric of metricsOf(Metrics)) record.metrics.add(metric);
      return {};
    }),
    operation<DisableMetricsCollectionCommand>(DisableMetricsCollection$, ({ AutoScalingGroupName, Metrics }) => {
      const record = scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      for (const metric of metricsOf(Metrics)) record.metrics.delete(metric);
      return {};
    }),
  ];
}

/** Names of the zones of its subnets, or those that it names itself. */
async function zonesOf(
  { zonesOfSubnets }: OperationContext,
  { AvailabilityZones, VPCZoneIdentifier }: GroupRequest,
): Promise<readonly string[]> {
  const subnets = (VPCZoneIdentifier ?? "").split(",").filter((id) => id !== "");
  const zones = subnets.length > 0 ? await zonesOfSubnets(subnets) : (AvailabilityZones ?? []);
  if (zones.length === 0) throw new ServiceError("ValidationError", "At least one Availability Zone or VPC Subnet is required.");
  return [...new Set(zones)];
}

/** A kind of template takes the place of the other one; what is not given stays. */
function changed(before: GroupRequest, changes: GroupRequest): GroupRequest {
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const kept = { ...before };
  if (changes.LaunchTemplate !== undefined) delete kept.MixedInstancesPolicy;
  if (changes.MixedInstancesPolicy !== undefined) delete kept.LaunchTemplate;
  return { ...kept, ...given };
}

/** The capacity that was asked for when it was made may be out of newer bounds, which the engine moves it into. */
const withinBounds = ({ DesiredCapacity, MaxSize = 0, MinSize = 0, ...rest }: GroupRequest): GroupRequest => ({
  ...rest,
  MinSize,
  MaxSize,
  ...(DesiredCapacity === undefined ? {} : { DesiredCapacity: clamped(DesiredCapacity, { minimum: MinSize, maximum: MaxSize }) }),
});

const clamped = (capacity: number, { maximum, minimum }: Pick<GroupDefinition, "maximum" | "minimum">): number =>
  Math.max(minimum, Math.min(maximum, capacity));

/** None named: all. */
function processesOf({ ScalingProcesses: names = [] }: SuspendProcessesCommandInput): readonly ScalingProcess[] {
  if (names.length === 0) return SCALING_PROCESSES;
  return names.map((name) => {
    const known = SCALING_PROCESSES.find((process) => process === name);
    if (known === undefined) throw new ServiceError("ValidationError", `${name} is no process of Auto Scaling`);
    return known;
  });
}

/** None named: all. */
const metricsOf = (names: readonly string[] = []): readonly string[] => (names.length === 0 ? GROUP_METRICS : names);
