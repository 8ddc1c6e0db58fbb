const NO_ACCESS = "permissions are checked by the local run, and each grant's need by npm run check:permissions";
const NO_NETWORK = "services of a world are reached by calls that are lost, late or refused by its faults, not through a network";
const HOSTS = "on an instance of a world runs the worker itself, with sizes that the world draws";
const NOBODY_READS = "logs of access are for people: a world has a trace";
const NO_BACKUPS = "worlds last for hours and end with their data";
const NOBODY_IS_TOLD = "what people look at, and what they are told, is no part of a world: it knows that an alarm asks for it";
const AT_REST = "a world's objects are in memory and end with it";

/** Resource types that are synthesized and that the simulator has not in memory, each with its reason (invariant 10). */
export const NOT_IN_MEMORY: ReadonlyMap<string, string> = new Map([
  ["aws_launch_template", HOSTS],
  ["aws_backup_plan", NO_BACKUPS],
  ["aws_backup_selection", NO_BACKUPS],
  ["aws_backup_vault", NO_BACKUPS],
  ["aws_budgets_budget", "a world's costs are reckoned from its trace"],
  ["aws_cloudwatch_dashboard", NOBODY_IS_TOLD],
  ["aws_cloudwatch_query_definition", NOBODY_IS_TOLD],
  ["aws_kms_alias", NOBODY_IS_TOLD],
  ["aws_kms_key", NOBODY_IS_TOLD],
  ["aws_sns_topic", NOBODY_IS_TOLD],
  ["aws_sns_topic_policy", NOBODY_IS_TOLD],
  ["aws_sns_topic_subscription", NOBODY_IS_TOLD],
  ["aws_iam_instance_profile", NO_ACCESS],
  ["aws_iam_role", NO_ACCESS],
  ["aws_iam_role_policy", NO_ACCESS],
  ["aws_lambda_permission", NO_ACCESS],
  ["aws_s3_bucket_policy", NO_ACCESS],
  ["aws_s3_bucket_public_access_block", NO_ACCESS],
  ["aws_sqs_queue_policy", NO_ACCESS],
  ["aws_sqs_queue_redrive_allow_policy", NO_ACCESS],
  ["aws_s3_bucket_lifecycle_configuration", "rules are due after days, and a world lasts for hours"],
  ["aws_s3_bucket_logging", NOBODY_READS],
  ["aws_s3_bucket_ownership_controls", "there is one account only"],
  ["aws_s3_bucket_server_side_encryption_configuration", AT_REST],
  ["aws_s3_bucket_versioning", "objects are read by the ETag that they had, with or without versions; the store's own suite has both"],
  ["aws_s3_object", "workers of a world run the sources, not the archive"],
  ["aws_default_security_group", NO_NETWORK],
  ["aws_eip", NO_NETWORK],
  ["aws_flow_log", NO_NETWORK],
  ["aws_internet_gateway", NO_NETWORK],
  ["aws_nat_gateway", NO_NETWORK],
  ["aws_network_acl", NO_NETWORK],
  ["aws_route", NO_NETWORK],
  ["aws_route_table", NO_NETWORK],
  ["aws_route_table_association", NO_NETWORK],
  ["aws_security_group", NO_NETWORK],
  ["aws_vpc", NO_NETWORK],
  ["aws_vpc_endpoint", NO_NETWORK],
  ["aws_vpc_security_group_egress_rule", NO_NETWORK],
  ["aws_vpc_security_group_ingress_rule", NO_NETWORK],
]);
