import { configurationOf, resourceAt, resourcesOf, synthesize, type SynthesizedStack } from "../support/synth";
import { testAssertions } from "./assertions/assertions";
import { fleetAssertions } from "./assertions/fleet";

testAssertions(fleetAssertions);

const groupOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_autoscaling_group", "Fleet/Group").body;
const templateOf = (stack: SynthesizedStack) => resourceAt(stack, "aws_launch_template", "Fleet/Template").body;

describe("coursework has the exact values", () => {
  const stack = synthesize(configurationOf("coursework"));
  const policy = (at: string) => resourceAt(stack, "aws_autoscaling_policy", at).body;
  const alarm = (at: string) => resourceAt(stack, "aws_cloudwatch_metric_alarm", at).body;

  test("names, size, type, termination (S1.58, S1.61, S1.63, S1.64, S1.83)", () => {
    expect(templateOf(stack)).toMatchObject({ name: "wordfreq-launch-template", instance_type: "t2.micro" });
    expect(groupOf(stack)).toMatchObject({
      name: "wordfreq-ASG",
      min_size: 1,
      desired_capacity: 1,
      max_size: 5,
      termination_policies: ["NewestInstance"],
    });
  });

  test("Scale-Out-Policy: 10 visible or more, +1, then 120 s (S1.66, S1.67)", () => {
    expect(policy("Fleet/ScaleOut")).toMatchObject({
      name: "Scale-Out-Policy",
      policy_type: "SimpleScaling",
      adjustment_type: "ChangeInCapacity",
      scaling_adjustment: 1,
      cooldown: 120,
    });
    expect(alarm("Fleet/ScaleOut/Alarm")).toMatchObject({
      metric_name: "ApproximateNumberOfMessagesVisible",
      comparison_operator: "GreaterThanOrEqualToThreshold",
      threshold: 10,
      alarm_actions: [`\${${resourceAt(stack, "aws_autoscaling_policy", "Fleet/ScaleOut").address}.arn}`],
    });
  });

  test("Scale-In-Policy: nothing visible, -1, then 120 s (S1.68)", () => {
    expect(policy("Fleet/ScaleIn")).toMatchObject({
      name: "Scale-In-Policy",
      policy_type: "SimpleScaling",
      adjustment_type: "ChangeInCapacity",
      scaling_adjustment: -1,
      cooldown: 120,
    });
    expect(alarm("Fleet/ScaleIn/Alarm")).toMatchObject({
      metric_name: "ApproximateNumberOfMessagesVisible",
      comparison_operator: "LessThanOrEqualToThreshold",
      threshold: 0,
      dimensions: { QueueName: `\${${resourceAt(stack, "aws_sqs_queue", "Data/Jobs").address}.name}` },
      alarm_actions: [`\${${resourceAt(stack, "aws_autoscaling_policy", "Fleet/ScaleIn").address}.arn}`],
    });
  });

  test("the step policy takes 120 messages from 1 to 5 instances in one alarm, warm-up 30 s (S1.85, S1.86, X5)", () => {
    const stepped = synthesize(configurationOf("coursework", { FILEMILL_SCALING: "step" }));
    expect(resourceAt(stepped, "aws_autoscaling_policy", "Fleet/ScaleOut").body).toMatchObject({
      name: "Scale-Out-Policy",
      policy_type: "StepScaling",
      estimated_instance_warmup: 30,
      step_adjustment: [
        { scaling_adjustment: 1, metric_interval_lower_bound: "0", metric_interval_upper_bound: "40" },
        { scaling_adjustment: 2, metric_interval_lower_bound: "40", metric_interval_upper_bound: "90" },
        { scaling_adjustment: 4, metric_interval_lower_bound: "90" },
      ],
    });
    expect(resourceAt(stepped, "aws_cloudwatch_metric_alarm", "Fleet/ScaleOut/Alarm").body["threshold"]).toBe(10);
  });

  test("no orchestrator beside the published policies", () => {
    expect(
      resourcesOf(stack, "aws_cloudwatch_event_rule")
        .map(({ body }) => body["name"])
        .sort(),
    ).toEqual(["wordfreq-execution-ended", "wordfreq-reconcile", "wordfreq-spot-interruption", "wordfreq-sweep"]);
  });
});
