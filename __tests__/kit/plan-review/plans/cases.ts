type Resources = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** Two plans over the same existing resources: one that a rule must find, and one that it must let pass. */
export interface PlanCase {
  readonly rule: string;
  readonly name: string;
  /** What is there; nothing: it is an empty account. */
  readonly existing?: Resources;
  readonly bad: Resources;
  readonly good: Resources;
  /** Blocks beside resources, of the bad plan: `moved`, `removed`, `import`. */
  readonly also?: object;
  /** Rules that block the good plan for another reason. */
  readonly goodBlockedBy?: readonly string[];
  /** What the finding is about. */
  readonly address: string;
}

const ASSUME = (service: string): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }] });
const policy = (...statements: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const allow = (action: string | string[], resource: string | string[], more: object = {}): object => ({
  Effect: "Allow",
  Action: action,
  Resource: resource,
  ...more,
});

const table = (more: object = {}): Resources => ({
  aws_dynamodb_table: {
    ledger: {
      name: "ledger",
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "pk",
      attribute: [{ name: "pk", type: "S" }],
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
      ...more,
    },
  },
});
const queue = (more: object = {}): Resources => ({
  aws_sqs_queue: {
    jobs: { name: "jobs", message_retention_seconds: 345_600, visibility_timeout_seconds: 180, sqs_managed_sse_enabled: true, ...more },
  },
});
const bucket: Resources = { aws_s3_bucket: { data: { bucket: "plan-review-data" } } };
const BUCKET = "${aws_s3_bucket.data.bucket}";
const role = (more: Resources = {}): Resources => ({
  aws_iam_role: { worker: { name: "worker", assume_role_policy: ASSUME("ec2.amazonaws.com") } },
  ...more,
});
const rolePolicy = (...statements: readonly object[]): Resources =>
  role({ aws_iam_role_policy: { worker: { name: "worker", role: "${aws_iam_role.worker.name}", policy: policy(...statements) } } });
const SEND = (service: string, more: object = {}): object =>
  allow("sqs:SendMessage", "${aws_sqs_queue.jobs.arn}", { Principal: { Service: service }, ...more });
const queuePolicy = (...statements: readonly object[]): Resources => ({
  ...queue(),
  aws_sqs_queue_policy: { jobs: { queue_url: "${aws_sqs_queue.jobs.url}", policy: policy(...statements) } },
});
const READ = allow(["s3:GetObject"], "arn:aws:s3:::data/in/*");
const network: Resources = { aws_vpc: { main: { cidr_block: "10.0.0.0/16" } } };
const group = (ingress: readonly object[]): Resources => ({
  ...network,
  aws_security_group: { web: { name: "web", description: "web", vpc_id: "${aws_vpc.main.id}", ingress } },
});
const open = (port: number, ...cidrs: readonly string[]): object => ({
  from_port: port,
  to_port: port,
  protocol: "tcp",
  cidr_blocks: cidrs,
  description: "",
  ipv6_cidr_blocks: [],
  prefix_list_ids: [],
  security_groups: [],
  self: false,
});
const bucketPolicy = (...statements: readonly object[]): Resources => ({
  ...bucket,
  aws_s3_bucket_policy: { data: { bucket: BUCKET, policy: policy(...statements) } },
});
const TLS_ONLY = {
  Sid: "TlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::plan-review-data", "arn:aws:s3:::plan-review-data/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};
const OWN_ACCOUNT = {
  Effect: "Allow",
  Principal: { AWS: "arn:aws:iam::123456789012:root" },
  Action: "s3:ListBucket",
  Resource: "arn:aws:s3:::plan-review-data",
};
const ANYBODY = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::plan-review-data/*" };
const versioning = (status: string): Resources => ({
  ...bucket,
  aws_s3_bucket_versioning: { data: { bucket: BUCKET, versioning_configuration: { status } } },
});
const blocks = (value: boolean): Resources => ({
  ...bucket,
  aws_s3_bucket_public_access_block: {
    data: { bucket: BUCKET, block_public_acls: true, block_public_policy: value, ignore_public_acls: true, restrict_public_buckets: value },
  },
});
const expiring = (days: number): Resources => ({
  ...bucket,
  aws_s3_bucket_lifecycle_configuration: {
    data: { bucket: BUCKET, rule: [{ id: "old", status: "Enabled", filter: {}, expiration: { days } }] },
  },
});
const alarm = (more: object = {}): Resources => ({
  aws_cloudwatch_metric_alarm: {
    deep: {
      alarm_name: "deep",
      comparison_operator: "GreaterThanThreshold",
      evaluation_periods: 1,
      metric_name: "ApproximateNumberOfMessagesVisible",
      namespace: "AWS/SQS",
      period: 60,
      statistic: "Maximum",
      threshold: 100,
      treat_missing_data: "breaching",
      alarm_actions: ["arn:aws:sns:us-east-1:123456789012:told"],
      ...more,
    },
  },
});
const schedule = (more: object = {}): Resources => ({
  aws_cloudwatch_event_rule: { sweep: { name: "sweep", schedule_expression: "rate(5 minutes)", ...more } },
});
const fn = (seconds: number, more: object = {}): Resources => ({
  aws_iam_role: { reader: { name: "reader", assume_role_policy: ASSUME("lambda.amazonaws.com") } },
  aws_lambda_function: {
    reader: {
      function_name: "reader",
      role: "${aws_iam_role.reader.arn}",
      filename: "code.zip",
      source_code_hash: "x",
      handler: "index.handler",
      runtime: "nodejs22.x",
      timeout: seconds,
      ...more,
    },
  },
});
const readQueue = (seconds: number, hidden: number): Resources => ({
  ...fn(seconds),
  ...queue({ visibility_timeout_seconds: hidden }),
  aws_lambda_event_source_mapping: {
    jobs: { event_source_arn: "${aws_sqs_queue.jobs.arn}", function_name: "${aws_lambda_function.reader.arn}" },
  },
});
const machine = (seconds: number, runs: number): Resources => ({
  ...fn(runs),
  aws_sfn_state_machine: {
    batch: {
      name: "batch",
      role_arn: "${aws_iam_role.reader.arn}",
      definition: JSON.stringify({
        StartAt: "Each",
        States: {
          Each: {
            Type: "Map",
            ItemProcessor: {
              StartAt: "Work",
              States: {
                Work: {
                  Type: "Task",
                  Resource: "arn:aws:states:::lambda:invoke",
                  Parameters: { FunctionName: "arn:aws:lambda:us-east-1:123456789012:function:reader" },
                  TimeoutSeconds: seconds,
                  End: true,
                },
              },
            },
            End: true,
          },
        },
      }),
    },
  },
});
const template = (more: object = {}): Resources => ({
  aws_launch_template: {
    worker: {
      name: "worker",
      image_id: "ami-12345678",
      instance_type: "c7g.large",
      metadata_options: { http_tokens: "required", http_endpoint: "enabled" },
      ...more,
    },
  },
});
const fleet = (more: object = {}, others: Resources = {}): Resources => ({
  ...template(),
  aws_autoscaling_group: {
    workers: {
      name: "workers",
      min_size: 0,
      max_size: 10,
      desired_capacity: 0,
      availability_zones: ["us-east-1a"],
      protect_from_scale_in: true,
      launch_template: { id: "${aws_launch_template.worker.id}", version: "1" },
      ...more,
    },
  },
  ...others,
});
const tagged = (tags: Readonly<Record<string, string>>): Resources => queue({ tags });
const removed = (address: string): object => ({ removed: [{ from: address, lifecycle: { destroy: false } }] });

/** Plans of the real provider: `npm run plans` makes them, beside this file. */
export const PLAN_CASES: readonly PlanCase[] = [
  {
    rule: "store-destroyed",
    name: "table-destroyed",
    existing: table({ deletion_protection_enabled: false }),
    bad: {},
    good: table(),
    address: "aws_dynamodb_table.ledger",
  },
  {
    rule: "store-destroyed",
    name: "table-replaced",
    existing: table({ deletion_protection_enabled: false }),
    bad: table({ hash_key: "id", attribute: [{ name: "id", type: "S" }] }),
    good: table({ ttl: { attribute_name: "expires", enabled: true } }),
    address: "aws_dynamodb_table.ledger",
  },
  {
    rule: "store-destroyed",
    name: "queue-renamed",
    existing: queue(),
    bad: queue({ name: "jobs-2" }),
    good: queue({ visibility_timeout_seconds: 240 }),
    address: "aws_sqs_queue.jobs",
  },
  {
    rule: "kept-shorter",
    name: "messages-kept-shorter",
    existing: queue(),
    bad: queue({ message_retention_seconds: 3_600 }),
    good: queue({ message_retention_seconds: 1_209_600 }),
    address: "aws_sqs_queue.jobs",
  },
  {
    rule: "kept-shorter",
    name: "objects-expire-sooner",
    existing: expiring(90),
    bad: expiring(7),
    good: expiring(365),
    address: "aws_s3_bucket_lifecycle_configuration.data",
  },
  {
    rule: "kept-shorter",
    name: "logs-kept-shorter",
    existing: { aws_cloudwatch_log_group: { worker: { name: "/worker" } } },
    bad: { aws_cloudwatch_log_group: { worker: { name: "/worker", retention_in_days: 7 } } },
    good: { aws_cloudwatch_log_group: { worker: { name: "/worker", tags: { a: "b" } } } },
    address: "aws_cloudwatch_log_group.worker",
  },
  {
    rule: "point-in-time-recovery-lost",
    name: "recovery-off",
    existing: table(),
    bad: table({ point_in_time_recovery: { enabled: false } }),
    good: table({ tags: { a: "b" } }),
    address: "aws_dynamodb_table.ledger",
  },
  {
    rule: "versioning-lost",
    name: "versioning-suspended",
    existing: versioning("Enabled"),
    bad: versioning("Suspended"),
    good: versioning("Enabled"),
    address: "aws_s3_bucket_versioning.data",
  },
  {
    rule: "deletion-protection-lost",
    name: "protection-off",
    existing: table(),
    bad: table({ deletion_protection_enabled: false }),
    good: table({ tags: { a: "b" } }),
    address: "aws_dynamodb_table.ledger",
  },
  {
    rule: "encryption-lost",
    name: "queue-unencrypted",
    existing: queue(),
    bad: queue({ sqs_managed_sse_enabled: false }),
    good: queue({ visibility_timeout_seconds: 240 }),
    address: "aws_sqs_queue.jobs",
  },
  {
    rule: "public-access",
    name: "block-lifted",
    existing: blocks(true),
    bad: blocks(false),
    good: blocks(true),
    address: "aws_s3_bucket_public_access_block.data",
  },
  {
    rule: "public-access",
    name: "block-gone",
    // with its bucket
    goodBlockedBy: ["store-destroyed"],
    existing: blocks(true),
    bad: bucket,
    good: {},
    address: "aws_s3_bucket_public_access_block.data",
  },
  {
    rule: "open-ingress",
    name: "ssh-open",
    existing: group([open(22, "10.0.0.0/16")]),
    bad: group([open(22, "10.0.0.0/16", "0.0.0.0/0")]),
    good: group([open(22, "10.1.0.0/16")]),
    address: "aws_security_group.web",
  },
  {
    rule: "open-ingress",
    name: "rule-open",
    bad: {
      ...group([]),
      aws_vpc_security_group_ingress_rule: {
        any: { security_group_id: "${aws_security_group.web.id}", cidr_ipv6: "::/0", ip_protocol: "-1" },
      },
    },
    good: {
      ...group([]),
      aws_vpc_security_group_ingress_rule: {
        any: {
          security_group_id: "${aws_security_group.web.id}",
          cidr_ipv4: "10.0.0.0/8",
          ip_protocol: "tcp",
          from_port: 443,
          to_port: 443,
        },
      },
    },
    address: "aws_vpc_security_group_ingress_rule.any",
  },
  {
    rule: "tls-only-lost",
    name: "plain-http",
    existing: bucketPolicy(TLS_ONLY, OWN_ACCOUNT),
    bad: bucketPolicy(OWN_ACCOUNT),
    good: bucketPolicy(TLS_ONLY),
    address: "aws_s3_bucket_policy.data",
  },
  {
    rule: "wider-permissions",
    name: "action-added",
    existing: rolePolicy(READ),
    bad: rolePolicy(READ, allow("s3:PutObject", "arn:aws:s3:::data/in/*")),
    good: rolePolicy(allow("s3:GetObject", "arn:aws:s3:::data/in/a/*")),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "wider-permissions",
    name: "resource-wider",
    existing: rolePolicy(READ),
    bad: rolePolicy(allow("s3:GetObject", "arn:aws:s3:::data/*")),
    good: rolePolicy(READ, allow("s3:GetObject", "arn:aws:s3:::data/in/b")),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "wider-permissions",
    name: "condition-dropped",
    existing: rolePolicy(
      allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs", {
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      }),
    ),
    bad: rolePolicy(allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs")),
    good: rolePolicy(
      allow("sqs:SendMessage", "arn:aws:sqs:us-east-1:123456789012:jobs", {
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" }, Bool: { "aws:SecureTransport": "true" } },
      }),
    ),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "wider-permissions",
    name: "denial-dropped",
    existing: rolePolicy(READ, { Effect: "Deny", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/in/secret/*" }),
    bad: rolePolicy(READ),
    good: rolePolicy(READ, { Effect: "Deny", Action: "s3:*", Resource: "arn:aws:s3:::data/in/secret/*" }),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "wider-permissions",
    name: "policy-attached",
    existing: role(),
    bad: role({
      aws_iam_role_policy_attachment: {
        admin: { role: "${aws_iam_role.worker.name}", policy_arn: "arn:aws:iam::aws:policy/AdministratorAccess" },
      },
    }),
    good: role(),
    address: "aws_iam_role_policy_attachment.admin",
  },
  {
    rule: "wider-permissions",
    name: "trust-wider",
    existing: role(),
    bad: {
      aws_iam_role: {
        worker: {
          name: "worker",
          assume_role_policy: policy({
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::999999999999:root", Service: "ec2.amazonaws.com" },
            Action: "sts:AssumeRole",
          }),
        },
      },
    },
    good: role(),
    address: "aws_iam_role.worker",
  },
  {
    rule: "service-shut-out",
    name: "service-lost",
    existing: queuePolicy(SEND("s3.amazonaws.com"), SEND("events.amazonaws.com")),
    bad: queuePolicy(SEND("events.amazonaws.com")),
    good: queuePolicy(
      SEND("events.amazonaws.com"),
      SEND("s3.amazonaws.com", { Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } } }),
    ),
    address: "aws_sqs_queue_policy.jobs",
  },
  {
    rule: "wider-permissions",
    name: "bucket-open",
    existing: bucketPolicy(TLS_ONLY),
    bad: bucketPolicy(TLS_ONLY, ANYBODY),
    good: bucketPolicy(TLS_ONLY),
    address: "aws_s3_bucket_policy.data",
  },
  {
    rule: "sweeping-permissions",
    name: "new-role-of-all",
    bad: rolePolicy(allow("*", "*")),
    good: rolePolicy(READ),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "sweeping-permissions",
    name: "new-bucket-open",
    bad: bucketPolicy(ANYBODY),
    good: bucketPolicy(TLS_ONLY),
    address: "aws_s3_bucket_policy.data",
  },
  {
    rule: "unreadable-policy",
    name: "policy-known-later",
    bad: {
      ...queue(),
      ...role({
        aws_iam_role_policy: {
          worker: {
            name: "worker",
            role: "worker",
            policy:
              '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"${aws_sqs_queue.jobs.arn}"}]}',
          },
        },
      }),
    },
    good: rolePolicy(READ),
    address: "aws_iam_role_policy.worker",
  },
  {
    rule: "instance-metadata-open",
    name: "tokens-optional",
    existing: template(),
    bad: template({ metadata_options: { http_tokens: "optional", http_endpoint: "enabled" } }),
    good: template({ instance_type: "c7g.xlarge" }),
    address: "aws_launch_template.worker",
  },
  {
    rule: "scale-in-hazard",
    name: "group-smaller",
    existing: fleet(),
    bad: fleet({ max_size: 2 }),
    good: fleet({ max_size: 20 }),
    address: "aws_autoscaling_group.workers",
  },
  {
    rule: "scale-in-hazard",
    name: "protection-off-fleet",
    existing: fleet(),
    bad: fleet({ protect_from_scale_in: false }),
    good: fleet({ max_size: 11 }),
    address: "aws_autoscaling_group.workers",
  },
  {
    rule: "scale-in-hazard",
    name: "group-destroyed",
    existing: fleet(),
    bad: template(),
    good: fleet(),
    address: "aws_autoscaling_group.workers",
  },
  {
    rule: "scale-in-hazard",
    name: "policy-shrinks",
    existing: fleet(),
    bad: fleet(
      {},
      {
        aws_autoscaling_policy: {
          down: {
            name: "down",
            autoscaling_group_name: "${aws_autoscaling_group.workers.name}",
            adjustment_type: "ChangeInCapacity",
            scaling_adjustment: -1,
          },
        },
      },
    ),
    good: fleet(
      {},
      {
        aws_autoscaling_policy: {
          up: {
            name: "up",
            autoscaling_group_name: "${aws_autoscaling_group.workers.name}",
            adjustment_type: "ChangeInCapacity",
            scaling_adjustment: 1,
          },
        },
      },
    ),
    address: "aws_autoscaling_policy.down",
  },
  {
    rule: "alarm-removed",
    name: "alarm-gone",
    existing: alarm(),
    bad: {},
    good: alarm({ threshold: 50 }),
    address: "aws_cloudwatch_metric_alarm.deep",
  },
  {
    rule: "schedule-removed",
    name: "schedule-gone",
    existing: schedule(),
    bad: {},
    good: schedule({ description: "every five minutes" }),
    address: "aws_cloudwatch_event_rule.sweep",
  },
  {
    rule: "schedule-removed",
    name: "schedule-off",
    existing: schedule(),
    bad: schedule({ state: "DISABLED" }),
    good: schedule({ schedule_expression: "rate(1 minute)" }),
    address: "aws_cloudwatch_event_rule.sweep",
  },
  {
    rule: "timeouts-fit",
    name: "message-comes-back",
    existing: readQueue(30, 180),
    bad: readQueue(240, 180),
    good: readQueue(20, 180),
    address: "aws_sqs_queue.jobs",
  },
  { rule: "timeouts-fit", name: "message-comes-back-new", bad: readQueue(60, 30), good: readQueue(60, 360), address: "aws_sqs_queue.jobs" },
  {
    rule: "timeouts-fit",
    name: "task-ends-first",
    existing: machine(300, 240),
    bad: machine(300, 600),
    good: machine(700, 600),
    address: "aws_sfn_state_machine.batch",
  },
  {
    rule: "missing-tags",
    name: "tag-lost",
    existing: tagged({ Owner: "a", Name: "jobs" }),
    bad: tagged({ Name: "jobs" }),
    good: tagged({ Owner: "b", Name: "jobs" }),
    address: "aws_sqs_queue.jobs",
  },
  {
    rule: "noticed-update",
    name: "runtime-changed",
    existing: fn(30),
    bad: fn(30, { handler: "main.handler" }),
    good: fn(31),
    address: "aws_lambda_function.reader",
  },
  {
    rule: "forgotten",
    name: "queue-forgotten",
    existing: queue(),
    bad: {},
    also: removed("aws_sqs_queue.jobs"),
    good: queue(),
    address: "aws_sqs_queue.jobs",
  },
  {
    rule: "emptied-when-destroyed",
    name: "force-destroy",
    existing: bucket,
    bad: { aws_s3_bucket: { data: { bucket: "plan-review-data", force_destroy: true } } },
    good: { aws_s3_bucket: { data: { bucket: "plan-review-data", tags: { a: "b" } } } },
    address: "aws_s3_bucket.data",
  },
];
