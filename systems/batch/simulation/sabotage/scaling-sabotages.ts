import type { EvaluatedResource, EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import type { ObjectValue } from "../../../../kit/graph/hcl/expression";
import { simulatedArn } from "../../../../kit/simulator/place";
import { patched } from "../../../../kit/simulator/stack/patch";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";
import type { StackGroup } from "../../../../kit/simulator/stack/types/autoscaling";
import type { StackQueue } from "../../../../kit/simulator/stack/types/sqs";
import { instead, type Sabotage } from "../../../../kit/simulator/survey/sabotage";
import { ON_DEMAND_SUFFIX } from "../../contracts/names";
import { stackOutputsSchema } from "../../contracts/stack-outputs";

const groupOf = (stack: EvaluatedStack): StackGroup => {
  const group = new StackModel(stack).groups.find(({ name }) => !name.endsWith(ON_DEMAND_SUFFIX));
  if (group === undefined) throw new RangeError("the stack has no Auto Scaling group");
  return group;
};

/** The fleet's group with some arguments otherwise. */
const withGroup = (stack: EvaluatedStack, changes: ObjectValue): EvaluatedStack =>
  patched(stack, [{ name: JSON.stringify(changes), type: "aws_autoscaling_group", of: groupOf(stack).name, change: () => changes }]);

interface QueuePolicy {
  readonly queue: StackQueue;
  /** Instances that come while a message is visible, or go while none is. */
  readonly adjustment: number;
}

/** A policy of the fleet's group, and the alarm on a queue that asks for it each minute. */
function policyOn(stack: EvaluatedStack, { adjustment, queue }: QueuePolicy): EvaluatedResource[] {
  const group = groupOf(stack).name;
  const name = `${adjustment < 0 ? "in" : "out"}-by-${queue.name}`;
  const arn = simulatedArn("autoscaling", `scalingPolicy:0:autoScalingGroupName/${group}:policyName/${name}`);
  const policy = {
    name,
    arn,
    autoscaling_group_name: group,
    policy_type: "StepScaling",
    adjustment_type: "ChangeInCapacity",
    estimated_instance_warmup: 0,
    step_adjustment: [
      { scaling_adjustment: adjustment, [adjustment < 0 ? "metric_interval_upper_bound" : "metric_interval_lower_bound"]: 0 },
    ],
  };
  const alarm = {
    alarm_name: name,
    alarm_description: "sabotage",
    namespace: "AWS/SQS",
    metric_name: "ApproximateNumberOfMessagesVisible",
    dimensions: { QueueName: queue.name },
    statistic: "Maximum",
    period: 60,
    evaluation_periods: 1,
    comparison_operator: adjustment < 0 ? "LessThanThreshold" : "GreaterThanOrEqualToThreshold",
    threshold: 1,
    treat_missing_data: "notBreaching",
    alarm_actions: [arn],
  };
  return [
    { address: `aws_autoscaling_policy.${name}`, type: "aws_autoscaling_policy", attributes: policy },
    { address: `aws_cloudwatch_metric_alarm.${name}`, type: "aws_cloudwatch_metric_alarm", attributes: alarm },
  ];
}

/** The stack with such a policy on both queues of work. */
function withPolicies(stack: EvaluatedStack, adjustment: number): EvaluatedStack {
  const { chunks_queue_url: chunks, jobs_queue_url: jobs } = stackOutputsSchema.parse(stack.outputs);
  const model = new StackModel(stack);
  const added = [chunks, jobs].flatMap((url) => policyOn(stack, { adjustment, queue: model.queueAt(url) }));
  return { ...stack, resources: [...stack.resources, ...added] };
}

/** What keeps the group from deciding over workers' heads, and from costing what nobody asked for. */
export const SCALING_SABOTAGES: readonly Sabotage[] = [
  {
    name: "policies-beside-the-orchestrator",
    breaks: "scaling policies raise the capacity each minute that messages wait",
    patches: [],
    deploys: (stack) => withPolicies(stack, 1),
  },
  {
    name: "scale-in-beside-retirement",
    breaks: "workers are not protected, and the group shrinks when no message is visible, whoever is at work",
    patches: [],
    deploys: (stack) => withGroup(withPolicies(stack, -1), { protect_from_scale_in: false }),
  },
  {
    name: "zones-balanced-over-workers",
    provokedBy: ["zone-lost"],
    breaks: "workers are not protected, and the group ends some to balance its zones",
    patches: [],
    deploys: (stack) => withGroup(stack, { protect_from_scale_in: false, suspended_processes: [] }),
  },
  {
    name: "recommendations-followed",
    provokedBy: ["rebalance-recommended"],
    breaks: "the group replaces an instance as soon as EC2 recommends it, whatever its worker does",
    patches: [],
    deploys: (stack) => withGroup(stack, { capacity_rebalance: true }),
  },
  {
    name: "one-zone-for-all",
    breaks: "instances are launched in the first zone that has capacity",
    patches: [
      instead(
        "kit/scaling/place-launch.ts",
        "[...zones].sort((a, b) => occupancy(a) - occupancy(b));",
        "zones.filter((zone) => occupancy(zone) >= 0);",
      ),
    ],
  },
  {
    name: "capacity-out-of-bounds",
    breaks: "the orchestrator asks for what the plans want, and the group takes it whatever its maximum is",
    patches: [
      instead(
        "systems/batch/core/capacity/desired-capacity.ts",
        "Math.min(facts.maximum, Math.max(forJobs, forChunks))",
        "Math.min(facts.maximum + 1, Math.max(forJobs, forChunks))",
      ),
      instead(
        "kit/scaling/scaling-group.ts",
        "  if (capacity < minimum || capacity > maximum)",
        "  if (capacity < minimum || capacity > maximum + 1)",
      ),
    ],
  },
  {
    name: "idle-for-long",
    breaks: "an idle worker stays ten times as long as it is told to",
    patches: [
      instead(
        "worker/worker.ts",
        "(this.options.idleSeconds ?? Number.POSITIVE_INFINITY) * 1_000",
        "(this.options.idleSeconds ?? Number.POSITIVE_INFINITY) * 10_000",
      ),
    ],
  },
];
