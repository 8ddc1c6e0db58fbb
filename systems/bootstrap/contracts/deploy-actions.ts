/** IAM actions that Terraform's AWS provider needs for a resource type. */
export interface TypeActions {
  /** To know what is there: for a plan. */
  readonly read: readonly string[];
  /** To make it, change it and remove it. */
  readonly write: readonly string[];
}

/**
 * By resource type. What the provider calls was read from its log (`TF_LOG_PROVIDER=DEBUG`), while it made, planned and removed each type
 * on the emulator; which action a call needs is from AWS's reference, where S3 has other names than its API. What AWS asks for beside the
 * call stands with its page. What the emulator doesn't have (backups, budgets, saved queries, logs of flows) was read from the provider's
 * sources.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 * @see https://github.com/hashicorp/terraform-provider-aws/tree/main/internal/service
 */
export const TYPE_ACTIONS: Readonly<Record<string, TypeActions>> = {
  aws_autoscaling_group: {
    read: ["autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeScalingActivities"],
    write: [
      "autoscaling:CreateAutoScalingGroup",
      "autoscaling:UpdateAutoScalingGroup",
      "autoscaling:DeleteAutoScalingGroup",
      "autoscaling:CreateOrUpdateTags",
      "autoscaling:DeleteTags",
      "autoscaling:PutLifecycleHook",
      "autoscaling:DeleteLifecycleHook",
      "autoscaling:SuspendProcesses",
      "autoscaling:ResumeProcesses",
      "autoscaling:EnableMetricsCollection",
      "autoscaling:DisableMetricsCollection",
      "autoscaling:SetInstanceProtection",
    ],
  },
  aws_autoscaling_lifecycle_hook: {
    read: ["autoscaling:DescribeLifecycleHooks"],
    write: ["autoscaling:PutLifecycleHook", "autoscaling:DeleteLifecycleHook"],
  },
  aws_autoscaling_policy: {
    read: ["autoscaling:DescribePolicies"],
    write: ["autoscaling:PutScalingPolicy", "autoscaling:DeletePolicy"],
  },
  aws_backup_plan: {
    read: ["backup:GetBackupPlan", "backup:ListTags"],
    write: ["backup:CreateBackupPlan", "backup:UpdateBackupPlan", "backup:DeleteBackupPlan", "backup:TagResource", "backup:UntagResource"],
  },
  aws_backup_selection: {
    read: ["backup:GetBackupSelection"],
    write: ["backup:CreateBackupSelection", "backup:DeleteBackupSelection"],
  },
  aws_backup_vault: {
    read: ["backup:DescribeBackupVault", "backup:ListTags"],
    // a key is mounted for it: https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html
    write: [
      "backup:CreateBackupVault",
      "backup:DeleteBackupVault",
      "backup:TagResource",
      "backup:UntagResource",
      "backup-storage:MountCapsule",
    ],
  },
  aws_budgets_budget: {
    // budgets have fewer actions than operations: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgets.html
    read: ["budgets:ViewBudget", "budgets:ListTagsForResource"],
    write: ["budgets:ModifyBudget", "budgets:TagResource", "budgets:UntagResource"],
  },
  aws_cloudwatch_dashboard: {
    read: ["cloudwatch:GetDashboard"],
    write: ["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"],
  },
  aws_cloudwatch_event_rule: {
    read: ["events:DescribeRule", "events:ListTagsForResource"],
    write: ["events:PutRule", "events:DeleteRule", "events:EnableRule", "events:DisableRule", "events:TagResource", "events:UntagResource"],
  },
  aws_cloudwatch_event_target: {
    read: ["events:ListTargetsByRule"],
    write: ["events:PutTargets", "events:RemoveTargets"],
  },
  aws_cloudwatch_log_group: {
    read: ["logs:DescribeLogGroups", "logs:ListTagsForResource"],
    write: [
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:PutRetentionPolicy",
      "logs:DeleteRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ],
  },
  aws_cloudwatch_log_metric_filter: {
    read: ["logs:DescribeMetricFilters"],
    write: ["logs:PutMetricFilter", "logs:DeleteMetricFilter"],
  },
  aws_cloudwatch_metric_alarm: {
    read: ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
    write: ["cloudwatch:PutMetricAlarm", "cloudwatch:DeleteAlarms", "cloudwatch:TagResource", "cloudwatch:UntagResource"],
  },
  aws_cloudwatch_query_definition: {
    read: ["logs:DescribeQueryDefinitions"],
    write: ["logs:PutQueryDefinition", "logs:DeleteQueryDefinition"],
  },
  // a VPC has it from the start: it is taken over, and stays when Terraform lets go of it
  aws_default_security_group: {
    read: ["ec2:DescribeSecurityGroups"],
    write: ["ec2:RevokeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress"],
  },
  aws_dynamodb_table: {
    read: ["dynamodb:DescribeTable", "dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTimeToLive", "dynamodb:ListTagsOfResource"],
    write: [
      "dynamodb:CreateTable",
      "dynamodb:UpdateTable",
      "dynamodb:DeleteTable",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateTimeToLive",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
    ],
  },
  aws_flow_log: {
    read: ["ec2:DescribeFlowLogs"],
    // the latter two for logs that go to S3: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html
    write: ["ec2:CreateFlowLogs", "ec2:DeleteFlowLogs", "logs:CreateLogDelivery", "logs:DeleteLogDelivery"],
  },
  aws_iam_instance_profile: {
    read: ["iam:GetInstanceProfile"],
    write: [
      "iam:CreateInstanceProfile",
      "iam:DeleteInstanceProfile",
      "iam:AddRoleToInstanceProfile",
      "iam:RemoveRoleFromInstanceProfile",
      "iam:TagInstanceProfile",
      "iam:UntagInstanceProfile",
    ],
  },
  aws_iam_role: {
    read: ["iam:GetRole", "iam:ListRolePolicies", "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole"],
    write: [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
      "iam:UpdateAssumeRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:TagRole",
      "iam:UntagRole",
    ],
  },
  aws_iam_role_policy: { read: ["iam:GetRolePolicy"], write: ["iam:PutRolePolicy", "iam:DeleteRolePolicy"] },
  aws_internet_gateway: {
    read: ["ec2:DescribeInternetGateways"],
    write: ["ec2:CreateInternetGateway", "ec2:DeleteInternetGateway", "ec2:AttachInternetGateway", "ec2:DetachInternetGateway"],
  },
  aws_kms_alias: { read: ["kms:ListAliases"], write: ["kms:CreateAlias", "kms:UpdateAlias", "kms:DeleteAlias"] },
  aws_kms_key: {
    read: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    // switched on again if somebody switched it off, and never off: that makes topics fall silent
    write: [
      "kms:CreateKey",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateKeyDescription",
    ],
  },
  aws_lambda_function: {
    read: ["lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:ListVersionsByFunction", "lambda:ListTags"],
    write: [
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
      "lambda:GetFunctionConfiguration",
      "lambda:PutFunctionConcurrency",
      "lambda:DeleteFunctionConcurrency",
      "lambda:TagResource",
      "lambda:UntagResource",
    ],
  },
  aws_lambda_function_event_invoke_config: {
    read: ["lambda:GetFunctionEventInvokeConfig"],
    write: ["lambda:PutFunctionEventInvokeConfig", "lambda:DeleteFunctionEventInvokeConfig"],
  },
  aws_lambda_permission: { read: ["lambda:GetPolicy"], write: ["lambda:AddPermission", "lambda:RemovePermission"] },
  aws_launch_template: {
    read: ["ec2:DescribeLaunchTemplates", "ec2:DescribeLaunchTemplateVersions"],
    write: ["ec2:CreateLaunchTemplate", "ec2:DeleteLaunchTemplate", "ec2:ModifyLaunchTemplate", "ec2:CreateLaunchTemplateVersion"],
  },
  aws_network_acl: {
    read: ["ec2:DescribeNetworkAcls"],
    write: [
      "ec2:CreateNetworkAcl",
      "ec2:DeleteNetworkAcl",
      "ec2:CreateNetworkAclEntry",
      "ec2:DeleteNetworkAclEntry",
      "ec2:ReplaceNetworkAclAssociation",
    ],
  },
  aws_route: { read: ["ec2:DescribeRouteTables"], write: ["ec2:CreateRoute", "ec2:DeleteRoute", "ec2:ReplaceRoute"] },
  aws_route_table: { read: ["ec2:DescribeRouteTables"], write: ["ec2:CreateRouteTable", "ec2:DeleteRouteTable"] },
  aws_route_table_association: {
    read: ["ec2:DescribeRouteTables"],
    write: ["ec2:AssociateRouteTable", "ec2:DisassociateRouteTable", "ec2:ReplaceRouteTableAssociation"],
  },
  aws_s3_bucket: {
    // the provider reads a bucket's every setting, those that are resources of their own included
    read: [
      "s3:ListBucket",
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketPolicy",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
    ],
    write: ["s3:CreateBucket", "s3:DeleteBucket", "s3:PutBucketTagging"],
  },
  aws_s3_bucket_lifecycle_configuration: { read: ["s3:GetLifecycleConfiguration"], write: ["s3:PutLifecycleConfiguration"] },
  aws_s3_bucket_logging: { read: ["s3:GetBucketLogging"], write: ["s3:PutBucketLogging"] },
  aws_s3_bucket_notification: { read: ["s3:GetBucketNotification"], write: ["s3:PutBucketNotification"] },
  aws_s3_bucket_ownership_controls: { read: ["s3:GetBucketOwnershipControls"], write: ["s3:PutBucketOwnershipControls"] },
  aws_s3_bucket_policy: { read: ["s3:GetBucketPolicy"], write: ["s3:PutBucketPolicy", "s3:DeleteBucketPolicy"] },
  aws_s3_bucket_public_access_block: { read: ["s3:GetBucketPublicAccessBlock"], write: ["s3:PutBucketPublicAccessBlock"] },
  aws_s3_bucket_server_side_encryption_configuration: {
    read: ["s3:GetEncryptionConfiguration"],
    write: ["s3:PutEncryptionConfiguration"],
  },
  aws_s3_bucket_versioning: { read: ["s3:GetBucketVersioning"], write: ["s3:PutBucketVersioning"] },
  aws_s3_object: {
    read: ["s3:GetObject", "s3:GetObjectTagging"],
    write: ["s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"],
  },
  aws_security_group: {
    read: ["ec2:DescribeSecurityGroups", "ec2:DescribeNetworkInterfaces"],
    write: ["ec2:CreateSecurityGroup", "ec2:DeleteSecurityGroup", "ec2:RevokeSecurityGroupEgress"],
  },
  aws_sfn_state_machine: {
    read: ["states:DescribeStateMachine", "states:ListStateMachineVersions", "states:ListTagsForResource"],
    write: [
      "states:CreateStateMachine",
      "states:UpdateStateMachine",
      "states:DeleteStateMachine",
      "states:ValidateStateMachineDefinition",
      "states:TagResource",
      "states:UntagResource",
    ],
  },
  aws_sns_topic: {
    read: ["sns:GetTopicAttributes", "sns:ListTagsForResource"],
    write: ["sns:CreateTopic", "sns:DeleteTopic", "sns:SetTopicAttributes", "sns:TagResource", "sns:UntagResource"],
  },
  aws_sns_topic_policy: { read: ["sns:GetTopicAttributes"], write: ["sns:SetTopicAttributes"] },
  aws_sns_topic_subscription: {
    read: ["sns:GetSubscriptionAttributes"],
    write: ["sns:Subscribe", "sns:Unsubscribe", "sns:SetSubscriptionAttributes"],
  },
  aws_sqs_queue: {
    read: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueueTags"],
    write: ["sqs:CreateQueue", "sqs:DeleteQueue", "sqs:SetQueueAttributes", "sqs:TagQueue", "sqs:UntagQueue"],
  },
  aws_sqs_queue_policy: { read: ["sqs:GetQueueAttributes"], write: ["sqs:SetQueueAttributes"] },
  aws_sqs_queue_redrive_allow_policy: { read: ["sqs:GetQueueAttributes"], write: ["sqs:SetQueueAttributes"] },
  aws_subnet: {
    read: ["ec2:DescribeSubnets"],
    write: ["ec2:CreateSubnet", "ec2:DeleteSubnet", "ec2:ModifySubnetAttribute"],
  },
  aws_vpc: {
    read: [
      "ec2:DescribeVpcs",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
    ],
    write: ["ec2:CreateVpc", "ec2:DeleteVpc", "ec2:ModifyVpcAttribute"],
  },
  aws_vpc_endpoint: {
    read: ["ec2:DescribeVpcEndpoints", "ec2:DescribePrefixLists"],
    write: ["ec2:CreateVpcEndpoint", "ec2:DeleteVpcEndpoints", "ec2:ModifyVpcEndpoint"],
  },
  aws_vpc_security_group_egress_rule: {
    read: ["ec2:DescribeSecurityGroupRules"],
    write: ["ec2:AuthorizeSecurityGroupEgress", "ec2:RevokeSecurityGroupEgress", "ec2:ModifySecurityGroupRules"],
  },
};

const actionsOf = (kind: keyof TypeActions, service: string): string[] =>
  [...new Set(Object.values(TYPE_ACTIONS).flatMap((each) => each[kind]))].filter((action) => action.startsWith(`${service}:`)).sort();

/** A service's actions over all types; `write` without those of `read`. */
export const readActions = (service: string): string[] => actionsOf("read", service);
export const writeActions = (service: string): string[] => {
  const read = readActions(service);
  return actionsOf("write", service).filter((action) => !read.includes(action));
};

export const SERVICES = [
  ...new Set(Object.values(TYPE_ACTIONS).flatMap(({ read, write }) => [...read, ...write].map((action) => action.split(":")[0] ?? ""))),
].sort();
