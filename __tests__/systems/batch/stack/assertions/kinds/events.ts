import type { EnvironmentConfig } from "../../../../../../systems/batch/config/schema";
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

/** A bucket's ARN names no account: its name may be somebody else's one day. */
const fromBucket = (ref: Reference) => ({
  action: "lambda:InvokeFunction",
  principal: "s3.amazonaws.com",
  function_name: ref("aws_lambda_function", "Ingest/ProcessUpload", "function_name"),
  source_arn: ref("aws_s3_bucket", "Data/Processing", "arn"),
  source_account: "${data.aws_caller_identity.account.account_id}",
});

/** All that Lambda does for an event, and then where dead jobs are. */
const longestTries = (ref: Reference) => ({
  function_name: ref("aws_lambda_function", "Ingest/ProcessUpload", "function_name"),
  maximum_retry_attempts: 2,
  maximum_event_age_in_seconds: 21_600,
  destination_config: { on_failure: { destination: ref("aws_sqs_queue", "Data/Jobs/DeadLetters", "arn") } },
});

/** Rules with their targets and permissions, and what becomes of a call that fails. */
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
    aws_lambda_permission: {
      ...of((at, { calls }) => [
        `${calls}/Allow${at.split("/").at(-1) ?? ""}`,
        {
          action: "lambda:InvokeFunction",
          principal: "events.amazonaws.com",
          function_name: ref("aws_lambda_function", calls, "function_name"),
          source_arn: ref("aws_cloudwatch_event_rule", at, "arn"),
        },
      ]),
      ...(config.ingest === "queue" ? {} : { "Ingest/ProcessUpload/AllowBucketProcessing": fromBucket(ref) }),
    },
    aws_lambda_function_event_invoke_config: {
      ...Object.fromEntries(
        // called by schedule alone: the next run does what one didn't, and the shortest age there is is the shortest period
        ["Functions/Orchestrate", "Repairs/Reconcile"].map((at) => [
          `${at}/AsynchronousEvents`,
          {
            function_name: ref("aws_lambda_function", at, "function_name"),
            maximum_retry_attempts: 0,
            maximum_event_age_in_seconds: 60,
          },
        ]),
      ),
      ...(config.ingest === "queue" ? {} : { "Ingest/ProcessUpload/AsynchronousEvents": longestTries(ref) }),
    },
  };
}
