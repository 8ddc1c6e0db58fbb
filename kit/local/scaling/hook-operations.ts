import {
  CompleteLifecycleAction$,
  DeleteLifecycleHook$,
  DescribeLifecycleHooks$,
  PutLifecycleHook$,
  RecordLifecycleActionHeartbeat$,
  type CompleteLifecycleActionCommand,
  type DeleteLifecycleHookCommand,
  type DescribeLifecycleHooksCommand,
  type LifecycleHookSpecification,
  type PutLifecycleHookCommand,
  type RecordLifecycleActionHeartbeatCommand,
} from "@aws-sdk/client-auto-scaling";
import { DEFAULT_HEARTBEAT_SECONDS, LIFECYCLE_TRANSITIONS, type LifecycleHook, type LifecycleResult } from "../../scaling/definition";
import { operation, type Operation } from "../services/service";
import { needed, ServiceError } from "../services/service-error";
import type { GroupRecord } from "./group-record";
import type { OperationContext } from "./operation-context";
import { refusing } from "./refusing";

/** AWS's: https://docs.aws.amazon.com/autoscaling/ec2/userguide/lifecycle-hooks.html */
const GLOBAL_TIMEOUT_SECONDS = 172_800;

/** Hooks, and whoever answers them. */
export function hookOperations({ scaling }: OperationContext): Operation[] {
  const put = (record: GroupRecord): void => {
    scaling.group(record.name).update({ hooks: [...record.hooks.values()] }, scaling.clock.now());
  };
  return [
    operation<PutLifecycleHookCommand>(PutLifecycleHook$, (request) => {
      const record = scaling.record(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      const name = needed(request.LifecycleHookName, "LifecycleHookName");
      const before = record.hooks.get(name);
      record.hooks.set(
        name,
        hookOf({
          LifecycleTransition: before?.transition,
          HeartbeatTimeout: before?.heartbeatTimeoutSeconds,
          DefaultResult: before?.defaultResult,
          ...request,
        }),
      );
      put(record);
      return {};
    }),
    operation<DescribeLifecycleHooksCommand>(DescribeLifecycleHooks$, ({ AutoScalingGroupName, LifecycleHookNames: names }) => {
      const record = scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      const hooks = [...record.hooks.values()].filter(({ name }) => names === undefined || names.length === 0 || names.includes(name));
      return {
        LifecycleHooks: hooks.map((hook) => ({
          LifecycleHookName: hook.name,
          AutoScalingGroupName: record.name,
          LifecycleTransition: hook.transition,
          HeartbeatTimeout: hook.heartbeatTimeoutSeconds,
          GlobalTimeout: Math.min(GLOBAL_TIMEOUT_SECONDS, hook.heartbeatTimeoutSeconds * 100),
          DefaultResult: hook.defaultResult,
        })),
      };
    }),
    operation<DeleteLifecycleHookCommand>(DeleteLifecycleHook$, ({ AutoScalingGroupName, LifecycleHookName }) => {
      const record = scaling.record(needed(AutoScalingGroupName, "AutoScalingGroupName"));
      if (!record.hooks.delete(needed(LifecycleHookName, "LifecycleHookName")))
        throw new ServiceError("ValidationError", `No Lifecycle Hook found with name ${LifecycleHookName ?? ""}`);
      put(record);
      return {};
    }),
    operation<CompleteLifecycleActionCommand>(CompleteLifecycleAction$, (request) => {
      const group = scaling.group(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      const result = resultOf(needed(request.LifecycleActionResult, "LifecycleActionResult"));
      refusing(() => {
        group.completeHook(
          needed(request.InstanceId, "InstanceId"),
          needed(request.LifecycleHookName, "LifecycleHookName"),
          result,
          scaling.clock.now(),
        );
      });
      scaling.settle();
      return {};
    }),
    operation<RecordLifecycleActionHeartbeatCommand>(RecordLifecycleActionHeartbeat$, (request) => {
      const group = scaling.group(needed(request.AutoScalingGroupName, "AutoScalingGroupName"));
      refusing(() => {
        group.heartbeat(
          needed(request.InstanceId, "InstanceId"),
          needed(request.LifecycleHookName, "LifecycleHookName"),
          scaling.clock.now(),
        );
      });
      scaling.settle();
      return {};
    }),
  ];
}

/** @throws ServiceError for what is no hook */
export function hookOf(given: Partial<LifecycleHookSpecification>): LifecycleHook {
  const transition = LIFECYCLE_TRANSITIONS.find((each) => each === given.LifecycleTransition);
  if (transition === undefined)
    throw new ServiceError("ValidationError", `${given.LifecycleTransition ?? "nothing"} is no lifecycle transition`);
  return {
    name: needed(given.LifecycleHookName, "LifecycleHookName"),
    transition,
    heartbeatTimeoutSeconds: given.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS,
    defaultResult: resultOf(given.DefaultResult ?? "ABANDON"),
  };
}

function resultOf(text: string): LifecycleResult {
  if (text === "CONTINUE" || text === "ABANDON") return text;
  throw new ServiceError("ValidationError", `${text} is neither CONTINUE nor ABANDON`);
}
