/** An image id for launch templates: nothing is launched from it. */
export const STAND_IN_IMAGE_ID = "ami-00000000000000000";
/** Its root device, as Amazon Linux names it. */
export const STAND_IN_ROOT_DEVICE = "/dev/xvda";

/**
 * Something synthesized that a local run doesn't carry out as AWS does (invariant 10). `what` is a Terraform type, an argument
 * `type.argument`, or a field of the states language as `StateType.Field`.
 */
export interface StandIn {
  readonly kind: "resource" | "argument" | "data" | "state-field";
  readonly what: string;
  /** What happens instead. */
  readonly instead: string;
  /** Why that is all right, and where the real behaviour is proven. */
  readonly reason: string;
}

const NO_INSTANCES = "the emulator launches no instances; workers are processes of this machine, made from the same user data and role";
const NO_NETWORK = "the emulator has no network of its own: everything is on 127.0.0.1; tests of the synthesized files check the rules";

const recorded = (what: string, reason: string): StandIn => ({
  kind: "resource",
  what,
  instead: "the emulator keeps a record of it",
  reason,
});

/** Everything that a local run can't honour, each with its reason. A test fails for what is neither honoured nor here. */
export const STAND_INS: readonly StandIn[] = [
  ...["aws_launch_template", "aws_autoscaling_group", "aws_autoscaling_policy"].map((type) => recorded(type, NO_INSTANCES)),
  ...[
    "aws_eip",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_security_group",
    "aws_subnet",
    "aws_vpc",
    "aws_vpc_endpoint",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
  ].map((type) => recorded(type, NO_NETWORK)),
  recorded(
    "aws_cloudwatch_metric_alarm",
    "SQS publishes no metrics there, and an alarm runs no scaling policy: tests look at what is synthesized",
  ),
  recorded("aws_cloudwatch_log_metric_filter", "it would count lines for an alarm that nobody of a local run waits for"),
  recorded("aws_s3_bucket_lifecycle_configuration", "a local stack lives for minutes, and no rule is due within a day"),
  recorded("aws_s3_bucket_public_access_block", "only requests that a secret of the stack has signed reach the emulator"),
  recorded("aws_s3_bucket_ownership_controls", "there is one account only"),
  recorded(
    "aws_s3_bucket_server_side_encryption_configuration",
    "objects are in the emulator's memory or in files that only their owner can read, and gone with it",
  ),
  {
    kind: "argument",
    what: "aws_autoscaling_group.enabled_metrics",
    instead: "not sent",
    reason: "the group has no instances to count",
  },
  {
    kind: "argument",
    what: "aws_autoscaling_group.suspended_processes",
    instead: "not sent",
    reason: "the emulator knows no SuspendProcesses, and its group has no processes of its own to suspend",
  },
  {
    kind: "argument",
    what: "aws_cloudwatch_event_target.dead_letter_config",
    instead: "nothing comes to that queue",
    reason: "on the emulator each event reaches its target at once; what a function then fails at goes to its own destination, as on AWS",
  },
  {
    kind: "argument",
    what: "*.tags",
    instead: "not sent",
    reason: "nothing of a local stack is billed or searched by tag; tests of the synthesized files check them",
  },
  {
    kind: "argument",
    what: "aws_lambda_function.runtime",
    instead: "Lambdas run on the Node that runs this command, on this machine's processor",
    reason: "bundles are built for the oldest Node that the project supports",
  },
  {
    kind: "argument",
    what: "aws_lambda_function.memory_size",
    instead: "not enforced",
    reason: "a Lambda's memory is bounded by its own settings (invariant 9), which the tests of the counter check",
  },
  {
    kind: "data",
    what: "aws_ssm_parameter /aws/service/ami-*",
    instead: `the image ${STAND_IN_IMAGE_ID}`,
    reason: "public parameters exist on AWS only, and the emulator refuses to store under their names; nothing is launched from the image",
  },
  {
    kind: "data",
    what: "aws_ami",
    instead: `the image ${STAND_IN_IMAGE_ID}`,
    reason: "the account's own images are on AWS; nothing is launched from the image",
  },
  {
    kind: "state-field",
    what: "Map.ResultWriter",
    instead: "nothing is written to S3; the map's output holds all results and is dropped by ResultPath null",
    reason: "nothing reads the files: the ledger has every outcome",
  },
  {
    kind: "state-field",
    what: "Map.ToleratedFailurePercentage",
    instead: "applied when all items have run, not earlier",
    reason: "at 100 % both are the same: a map never fails for its children",
  },
  {
    kind: "state-field",
    what: "Retry.JitterStrategy",
    instead: "the wait has no jitter",
    reason: "jitter spreads thousands of clients; here there are a handful",
  },
  {
    kind: "state-field",
    what: "Retry.ErrorEquals",
    instead:
      "a Lambda's own error names arrive as Runtime.HandlerError, so only States.ALL, States.TaskFailed and States.Timeout match them",
    reason: "the definition names Lambda's service errors besides; the emulator's Lambda has none of those",
  },
];
