import type { EnvironmentConfig } from "../../../../config/schema";
import { WORDS, type Expected, type Reference } from "./expected";

/** A rule, the function that it calls, and when. */
interface Rule {
  readonly name: string;
  readonly calls: string;
  readonly when: Readonly<Record<string, unknown>>;
}

function rulesOf(config: EnvironmentConfig, ref: Reference): Readonly<Record<string, Rule>> {
  const every5Minutes = { schedule_expression: "rate(5 minutes)" };
  return {
    "Workflow/ExecutionEnded": {
      name: "execution-ended",
      calls: "Workflow/Finish",
      when: {
        event_pattern: {
          source: ["aws.states"],
          "detail-type": ["Step Functions Execution Status Change"],
          detail: {
            status: ["FAILED", "TIMED_OUT", "ABORTED"],
            stateMachineArn: [ref("aws_sfn_state_machine", "Workflow/Machine", "arn")],
          },
        },
      },
    },
    "Workflow/Sweep": { name: "sweep", calls: "Workflow/Finish", when: every5Minutes },
    "Repairs/Periodic": { name: "reconcile", calls: "Repairs/Reconcile", when: every5Minutes },
    "Repairs/Interruption": {
      name: "spot-interruption",
      calls: "Repairs/SpotNotices",
      when: { event_pattern: { source: ["aws.ec2"], "detail-type": ["EC2 Spot Instance Interruption Warning"] } },
    },
    ...(config.orchestrateEachMinute
      ? { "Workflow/Orchestrate": { name: "orchestrate", calls: "Functions/Orchestrate", when: { schedule_expression: "rate(1 minute)" } } }
      : {}),
  };
}

/** Rules with their targets and permissions, and what is told of queues. */
export function expectedEvents(config: EnvironmentConfig, ref: Reference): Expected {
  const rules = Object.entries(rulesOf(config, ref));
  const of = (body: (at: string, rule: Rule) => [place: string, body: Record<string, unknown>]) =>
    Object.fromEntries(rules.map(([at, rule]) => body(at, rule)));
  return {
    aws_cloudwatch_event_rule: of((at, { name, when }) => [
      at,
      { name: `${config.namePrefix}wordfreq-${name}`, description: WORDS, ...when },
    ]),
    aws_cloudwatch_event_target: of((at, { calls }) => [
      `${at}/Target`,
      { rule: ref("aws_cloudwatch_event_rule", at, "name"), arn: ref("aws_lambda_function", calls, "arn") },
    ]),
    aws_lambda_permission: of((at, { calls }) => [
      `${calls}/Allow${at.split("/").at(-1) ?? ""}`,
      {
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        function_name: ref("aws_lambda_function", calls, "function_name"),
        source_arn: ref("aws_cloudwatch_event_rule", at, "arn"),
      },
    ]),
    aws_cloudwatch_metric_alarm: alarmsOf(config, ref),
  };
}

const ATTENTIVE = "GreaterThanOrEqualToThreshold";

function alarmsOf(config: EnvironmentConfig, ref: Reference): Expected[string] {
  const { scaleIn, scaleOut } = config.fleet;
  const alarm = (name: string, queue: string, rest: Record<string, unknown>) => ({
    alarm_name: `${config.namePrefix}wordfreq-${name}`,
    alarm_description: WORDS,
    namespace: "AWS/SQS",
    statistic: "Maximum",
    period: 60,
    evaluation_periods: 1,
    treat_missing_data: "notBreaching",
    dimensions: { QueueName: ref("aws_sqs_queue", queue, "name") },
    metric_name: "ApproximateNumberOfMessagesVisible",
    ...rest,
  });
  const scaling = (name: string, queue: string, policy: string, comparison: string, threshold: number | undefined) => ({
    [`${policy}/Alarm`]: alarm(name, queue, {
      comparison_operator: comparison,
      threshold,
      alarm_actions: [ref("aws_autoscaling_policy", policy, "arn")],
    }),
  });
  const outAt = scaleOut.kind === "step" ? scaleOut.steps[0]?.from : scaleOut.threshold;
  // half of the time in which what waits is given up
  const oldest = { jobs: 900, chunks: config.workflow.fleetTaskTimeoutSeconds / 2, results: config.queues.retentionSeconds / 2 };
  const watched = Object.entries(oldest).map(([what, threshold]) => {
    const queue = `Data/${what.charAt(0).toUpperCase()}${what.slice(1)}`;
    return {
      [`Alarms-${what}/Oldest`]: alarm(`${what}-oldest`, queue, {
        metric_name: "ApproximateAgeOfOldestMessage",
        comparison_operator: "GreaterThanThreshold",
        evaluation_periods: 5,
        threshold,
      }),
      [`Alarms-${what}/DeadLetters`]: alarm(`${what}-dead-letters`, `${queue}/DeadLetters`, {
        comparison_operator: ATTENTIVE,
        threshold: 1,
      }),
    };
  });
  return Object.assign(
    {},
    ...watched,
    scaling("jobs-scale-out", "Data/Jobs", "Fleet/ScaleOut", ATTENTIVE, outAt),
    scaling("chunks-scale-out", "Data/Chunks", "Fleet/ScaleOutChunks", ATTENTIVE, outAt),
    scaleIn === undefined ? {} : scaling("jobs-scale-in", "Data/Jobs", "Fleet/ScaleIn", "LessThanOrEqualToThreshold", scaleIn.threshold),
  ) as Expected[string];
}
