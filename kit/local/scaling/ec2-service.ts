import {
  DescribeInstances$,
  TerminateInstances$,
  type DescribeInstancesCommand,
  type Filter,
  type Instance,
  type InstanceStateName,
  type TerminateInstancesCommand,
  type _InstanceType,
} from "@aws-sdk/client-ec2";
import { isPending } from "../../scaling/instance";
import { operation, operationsOf, type Service } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import type { FoundInstance, LocalScaling } from "./local-scaling";
import type { OperationContext } from "./operation-context";

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html */
const STATE_CODES: Readonly<Partial<Record<InstanceStateName, number>>> = { pending: 0, running: 16, "shutting-down": 32 };

/** What of EC2 is about instances; the emulator has everything else of it. */
export const ec2Service = ({ accountId, scaling }: OperationContext): Service => ({
  name: "ec2",
  dialect: "ec2",
  xmlNamespace: "http://ec2.amazonaws.com/doc/2016-11-15/",
  operations: operationsOf([
    operation<DescribeInstancesCommand>(DescribeInstances$, ({ Filters = [], InstanceIds }) => {
      const found = InstanceIds === undefined ? scaling.instances : foundInstances(scaling, InstanceIds);
      const described = found
        .map((each) => describedInstance(each))
        .filter((instance) => Filters.every((filter) => isMeant(instance, filter)));
      return {
        Reservations: described.map((instance) => ({
          ReservationId: `r-${(instance.InstanceId ?? "").slice(2)}`,
          OwnerId: accountId,
          Groups: [],
          Instances: [instance],
        })),
      };
    }),
    operation<TerminateInstancesCommand>(TerminateInstances$, ({ InstanceIds }) => {
      const found = foundInstances(scaling, needed(InstanceIds, "InstanceIds"));
      for (const { group, instance } of found)
        group.terminate(instance.id, scaling.clock.now(), { lowersDesired: false, reason: "a caller of TerminateInstances asked for it" });
      scaling.settle();
      return {
        TerminatingInstances: found.map(({ instance }) => ({
          InstanceId: instance.id,
          CurrentState: { Code: 32, Name: "shutting-down" as const },
        })),
      };
    }),
  ]),
});

const foundInstances = (scaling: LocalScaling, ids: readonly string[]): FoundInstance[] =>
  ids.map((id) => {
    const found = scaling.find(id);
    if (found === undefined) throw new ServiceError("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
    return found;
  });

function describedInstance({ instance, record }: FoundInstance): Instance {
  const state: InstanceStateName = isPending(instance) ? "pending" : instance.state === "Terminating" ? "shutting-down" : "running";
  const given = [...record.tags.values()].flatMap(({ Key = "", PropagateAtLaunch, Value = "" }) =>
    PropagateAtLaunch === true ? [{ Key, Value }] : [],
  );
  return {
    InstanceId: instance.id,
    // types of the configuration, which AWS may have more of than the SDK knows
    InstanceType: instance.instanceType as _InstanceType,
    ...(instance.market === "spot" ? { InstanceLifecycle: "spot" as const } : {}),
    LaunchTime: new Date(instance.launchedAt),
    Placement: { AvailabilityZone: instance.zone, Tenancy: "default" },
    State: { Code: STATE_CODES[state] ?? 0, Name: state },
    Tags: [...given, { Key: "aws:autoscaling:groupName", Value: record.name }],
  };
}

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html */
const FILTERED: Readonly<Record<string, (instance: Instance) => string | undefined>> = {
  "instance-id": ({ InstanceId }) => InstanceId,
  "instance-type": ({ InstanceType }) => InstanceType,
  "instance-lifecycle": ({ InstanceLifecycle }) => InstanceLifecycle,
  "instance-state-name": ({ State }) => State?.Name,
  "availability-zone": ({ Placement }) => Placement?.AvailabilityZone,
};

function isMeant(instance: Instance, { Name = "", Values = [] }: Filter): boolean {
  const [, tag] = /^tag:(.*)$/.exec(Name) ?? [];
  if (tag !== undefined) return (instance.Tags ?? []).some(({ Key, Value = "" }) => Key === tag && Values.includes(Value));
  const valueOf = FILTERED[Name];
  if (valueOf === undefined) throw new ServiceError("InvalidParameterValue", `The filter '${Name}' is invalid`);
  return Values.includes(valueOf(instance) ?? "");
}
