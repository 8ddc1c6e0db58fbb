import {
  DeletePolicy$,
  DeleteScheduledAction$,
  DescribePolicies$,
  DescribeScheduledActions$,
  ExecutePolicy$,
  PutScalingPolicy$,
  PutScheduledUpdateGroupAction$,
  type DeletePolicyCommand,
  type DeleteScheduledActionCommand,
  type DescribePoliciesCommand,
  type DescribeScheduledActionsCommand,
  type ExecutePolicyCommand,
  type PutScalingPolicyCommand,
  type PutScalingPolicyType,
  type PutScheduledUpdateGroupActionCommand,
  type PutScheduledUpdateGroupActionType,
  type ScalingPolicy as DescribedPolicy,
  type ScheduledUpdateGroupAction,
} from "@aws-sdk/client-auto-scaling";
import { randomUUID } from "node:crypto";
import { ADJUSTMENT_TYPES, type ScalingPolicy, type ScheduledAction } from "../../scaling/policy";
import { operation, type Operation } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import type { ActionRecord, GroupRecord, PolicyRecord } from "./group-record";
import type { OperationContext } from "./operation-context";

/** What changes a group's capacity: policies, and actions by the clock. */
export function policyOperations({ place, scaling }: OperationContext): Operation[] {
  const apply = (record: GroupRecord): void => {
    scaling.engine.setPolicies(record.name, new Map([...record.policies.values()].map(({ arn, policy }) => [arn, policy])));
  };
  const reschedule = (record: GroupRecord): void => {
    scaling.engine.setSchedule(
      record.name,
      [...record.actions.values()].map(({ action }) => action),
      scaling.clock.now(),
    );
    scaling.settle();
  };
  const arnOf = (kind: string, id: string, group: string, name: string, word: string): string =>
    `arn:aws:autoscaling:${place}:${kind}:${id}:autoScalingGroupName/${group}:${word}/${name}`;
  return [
    operation<PutScalingPolicyCommand>(PutScalingPolicy$, (request) => {
      const record = scaling.record(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      const name = needed(request.PolicyName, "PolicyName");
      const policy = policyOf(request);
      const arn = record.policies.get(name)?.arn ?? arnOf("scalingPolicy", randomUUID(), record.name, name, "policyName");
      record.policies.set(name, { arn, request, policy });
      apply(record);
      return { PolicyARN: arn, Alarms: [] };
    }),
    operation<DescribePoliciesCommand>(DescribePolicies$, ({ AutoScalingGroupName, PolicyNames: names = [], PolicyTypes: types = [] }) => ({
      ScalingPolicies: scaling.groups
        .filter(({ name }) => AutoScalingGroupName === undefined || name === AutoScalingGroupName)
        .flatMap(({ policies }) => [...policies.values()])
        .map(describedPolicy)
        .filter(({ PolicyARN = "", PolicyName = "" }) => names.length === 0 || names.includes(PolicyName) || names.includes(PolicyARN))
        .filter(({ PolicyType = "" }) => types.length === 0 || types.includes(PolicyType)),
    })),
    operation<DeletePolicyCommand>(DeletePolicy$, ({ AutoScalingGroupName, PolicyName }) => {
      const { name, record } = findPolicy(scaling.groups, AutoScalingGroupName, PolicyName);
      record.policies.delete(name);
      apply(record);
      return {};
    }),
    operation<ExecutePolicyCommand>(ExecutePolicy$, ({ AutoScalingGroupName, BreachThreshold = 0, MetricValue = 0, PolicyName }) => {
      const { policy, record } = findPolicy(scaling.groups, AutoScalingGroupName, PolicyName);
      scaling
        .group(record.name)
        .execute(policy, { value: MetricValue, threshold: BreachThreshold }, scaling.clock.now(), "of a caller of ExecutePolicy");
      scaling.settle();
      return {};
    }),
    operation<PutScheduledUpdateGroupActionCommand>(PutScheduledUpdateGroupAction$, (request) => {
      const record = scaling.record(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      const name = needed(request.ScheduledActionName, "ScheduledActionName");
      const arn =
        record.actions.get(name)?.arn ?? arnOf("scheduledUpdateGroupAction", randomUUID(), record.name, name, "scheduledActionName");
      record.actions.set(name, { arn, request, action: actionOf(name, request) });
      reschedule(record);
      return {};
    }),
    operation<DescribeScheduledActionsCommand>(DescribeScheduledActions$, ({ AutoScalingGroupName, ScheduledActionNames: names = [] }) => ({
      ScheduledUpdateGroupActions: scaling.groups
        .filter(({ name }) => AutoScalingGroupName === undefined || name === AutoScalingGroupName)
        .flatMap(({ actions }) => [...actions.values()])
        .filter(({ arn, action }) => names.length === 0 || names.includes(action.name) || names.includes(arn))
        .map(describedAction),
    })),
    operation<DeleteScheduledActionCommand>(DeleteScheduledAction$, ({ AutoScalingGroupName, ScheduledActionName }) => {
      const record = scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      if (!record.actions.delete(needed(ScheduledActionName, "ScheduledActionName")))
        throw new ServiceError("ValidationError", `Scheduled action ${ScheduledActionName ?? ""} not found`);
      reschedule(record);
      return {};
    }),
  ];
}

function findPolicy(groups: readonly GroupRecord[], groupName: string | undefined, given: string | undefined) {
  const wanted = needed(given, "PolicyName");
  for (const record of groups.filter(({ name }) => groupName === undefined || name === groupName))
    for (const [name, { arn, policy }] of record.policies) if (name === wanted || arn === wanted) return { record, name, policy };
  throw new ServiceError("ValidationError", `there is no scaling policy ${wanted}`);
}

/** @throws ServiceError for what the engine can't carry out */
function policyOf(request: PutScalingPolicyType): ScalingPolicy {
  const name = needed(request.PolicyName, "PolicyName");
  if (request.Enabled === false) throw new ServiceError("ValidationError", "a policy that is switched off is not known to the local run");
  const adjusting = {
    name,
    adjustmentType: adjustmentTypeOf(request.AdjustmentType),
    ...(request.MinAdjustmentMagnitude === undefined ? {} : { minimumMagnitude: request.MinAdjustmentMagnitude }),
  };
  switch (request.PolicyType ?? "SimpleScaling") {
    case "SimpleScaling":
      return {
        ...adjusting,
        kind: "simple",
        adjustment: needed(request.ScalingAdjustment, "ScalingAdjustment"),
        ...(request.Cooldown === undefined ? {} : { cooldownSeconds: request.Cooldown }),
      };
    case "StepScaling":
      return {
        ...adjusting,
        kind: "step",
        ...(request.EstimatedInstanceWarmup === undefined ? {} : { warmUpSeconds: request.EstimatedInstanceWarmup }),
        steps: needed(request.StepAdjustments, "StepAdjustments").map((step) => ({
          adjustment: needed(step.ScalingAdjustment, "ScalingAdjustment"),
          ...(step.MetricIntervalLowerBound === undefined ? {} : { lower: step.MetricIntervalLowerBound }),
          ...(step.MetricIntervalUpperBound === undefined ? {} : { upper: step.MetricIntervalUpperBound }),
        })),
      };
    default:
      throw new ServiceError("ValidationError", `policies of the type ${request.PolicyType ?? ""} are not known to the local run`);
  }
}

function adjustmentTypeOf(given: string | undefined): (typeof ADJUSTMENT_TYPES)[number] {
  const known = ADJUSTMENT_TYPES.find((type) => type === given);
  if (known === undefined) throw new ServiceError("ValidationError", `${given ?? "nothing"} is no adjustment type`);
  return known;
}

const describedPolicy = ({ arn, request }: PolicyRecord): DescribedPolicy => ({
  ...request,
  PolicyARN: arn,
  PolicyType: request.PolicyType ?? "SimpleScaling",
  StepAdjustments: request.StepAdjustments ?? [],
  Alarms: [],
  Enabled: true,
});

const actionOf = (name: string, request: PutScheduledUpdateGroupActionType): ScheduledAction => ({
  name,
  ...(request.Recurrence === undefined ? {} : { recurrence: request.Recurrence }),
  ...(request.TimeZone === undefined ? {} : { timeZone: request.TimeZone }),
  ...(request.StartTime === undefined ? {} : { startsAt: request.StartTime.getTime() }),
  ...(request.EndTime === undefined ? {} : { endsAt: request.EndTime.getTime() }),
  ...(request.MinSize === undefined ? {} : { minimum: request.MinSize }),
  ...(request.MaxSize === undefined ? {} : { maximum: request.MaxSize }),
  ...(request.DesiredCapacity === undefined ? {} : { desired: request.DesiredCapacity }),
});

const describedAction = ({ arn, request }: ActionRecord): ScheduledUpdateGroupAction => ({ ...request, ScheduledActionARN: arn });
