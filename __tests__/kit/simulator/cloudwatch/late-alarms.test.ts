import type { EvaluatedStack } from "../../../../kit/graph/evaluated-stack";
import { CloudWatch } from "../../../../kit/simulator/cloudwatch/cloud-watch";
import { FaultPlan, type FaultRates } from "../../../../kit/simulator/kernel/faults";
import { Random } from "../../../../kit/simulator/kernel/random";
import { HOUR, MINUTE, START_MILLISECONDS } from "../../../../kit/simulator/kernel/times";
import { VirtualTime } from "../../../../kit/simulator/kernel/virtual-time";
import { MemoryQueue } from "../../../../kit/simulator/memory/memory-queue";
import { StackModel } from "../../../../kit/simulator/stack/stack-model";

const POLICY = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:0:autoScalingGroupName/fleet:policyName/out";
const QUEUE = { name: "jobs", id: "http://jobs", url: "http://jobs", arn: "arn:jobs", visibility_timeout_seconds: 60 };
const ALARM = {
  alarm_name: "jobs-wait",
  alarm_description: "jobs wait",
  namespace: "AWS/SQS",
  metric_name: "ApproximateNumberOfMessagesVisible",
  dimensions: { QueueName: "jobs" },
  statistic: "Maximum",
  period: 60,
  evaluation_periods: 1,
  comparison_operator: "GreaterThanOrEqualToThreshold",
  threshold: 1,
  treat_missing_data: "notBreaching",
  alarm_actions: [POLICY],
};
const STACK: EvaluatedStack = {
  resources: [
    { address: "aws_sqs_queue.jobs", type: "aws_sqs_queue", attributes: QUEUE },
    { address: "aws_cloudwatch_metric_alarm.jobs", type: "aws_cloudwatch_metric_alarm", attributes: ALARM },
  ],
  outputs: {},
};

/** Minutes from the beginning at which an alarm on a queue that is never empty asks for its policy, in three hours. */
async function actionsUnder(rates: FaultRates): Promise<number[]> {
  const time = new VirtualTime(START_MILLISECONDS);
  const queue = new MemoryQueue({ name: "jobs", clock: time, random: () => 0.5 });
  await queue.send(["a job"]);
  const faults = new FaultPlan(new Random(5), true);
  faults.begin(rates);
  const actions: number[] = [];
  new CloudWatch({
    time,
    faults,
    model: new StackModel(STACK),
    queueAt: () => queue,
    random: new Random(6),
    onAction: () => actions.push((time.now() - START_MILLISECONDS) / MINUTE),
  }).start();
  await time.run(() => false, START_MILLISECONDS + 3 * HOUR);
  return actions;
}

test("an alarm asks each minute that it lasts; where actions are late they come at other times, and none is lost", async () => {
  const inTime = await actionsUnder({});
  expect(inTime.length).toBeGreaterThan(160);
  expect(inTime.every((minute) => Number.isInteger(minute))).toBe(true);
  const late = await actionsUnder({ "alarms-late": 1 });
  expect(late.filter((minute) => Number.isInteger(minute)).length).toBeLessThan(late.length / 10);
  // those of the last minutes are yet to come
  expect(late.length).toBeGreaterThanOrEqual(inTime.length - 10);
});

test("where metrics are missing an alarm asks less often; a minute or two without any is no reason to be silent", async () => {
  const [all, most, few, none] = await Promise.all(
    [0, 0.3, 0.9, 1].map(async (rate) => (await actionsUnder({ "metrics-missing": rate })).length),
  );
  expect(all).toBeGreaterThan(most ?? 0);
  expect(most).toBeGreaterThan(few ?? 0);
  expect(few).toBeGreaterThan(0);
  expect(none).toBe(0);
});
