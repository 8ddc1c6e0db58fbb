type Resources = Readonly<Record<string, Readonly<Record<string, object>>>>;

/** What a plan may have beside plain changes: one plan of each, by the real provider. */
export interface PlanFeature {
  readonly name: string;
  readonly existing: Resources;
  /** Blocks that `existing` needs: variables. */
  readonly existingAlso?: object;
  /** What somebody made of it past Terraform, whose state doesn't know. */
  readonly drifted?: Resources;
  /** It exists, and no state knows of it. */
  readonly isUnknownToState?: true;
  readonly planned: Resources;
  /** Blocks beside resources: `moved`, `import`, variables, outputs. */
  readonly also?: object;
  /** Of `terraform plan`. */
  readonly options?: readonly string[];
}

/** Values that a review must never show; each is long enough to be found in any text. */
export const SECRETS = [
  "first-secret-value",
  "second-secret-value",
  "secret-tag-name",
  "s3:getsecretthing",
  "secret-bucket",
  "31415",
] as const;

const document = (...statements: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement: statements });
const TRUST = document({ Effect: "Allow", Principal: { Service: "ec2.amazonaws.com" }, Action: "sts:AssumeRole" });
const queue = (name: string, more: object = {}): object => ({ name, sqs_managed_sse_enabled: true, ...more });
const table = (more: object = {}): Resources => ({
  aws_dynamodb_table: {
    ledger: {
      name: "ledger",
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "pk",
      attribute: [{ name: "pk", type: "S" }],
      point_in_time_recovery: { enabled: true },
      ...more,
    },
  },
});
const worker = (...statements: readonly object[]): Resources => ({
  aws_iam_role: { worker: { name: "worker", assume_role_policy: TRUST } },
  aws_iam_role_policy: { worker: { name: "worker", role: "${aws_iam_role.worker.name}", policy: document(...statements) } },
});
const READ = { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::data/*" };
const secrets = (value: string, action: string, more: object = {}): object => ({
  variable: {
    password: { type: "string", sensitive: true, default: value },
    policy: {
      type: "string",
      sensitive: true,
      default: document(READ, { ...READ, Action: action, Resource: "arn:aws:s3:::secret-bucket/*" }),
    },
    seconds: { type: "number", sensitive: true, default: value.startsWith("first") ? 86_400 : 31_415 },
    tags: {
      type: "map(string)",
      sensitive: true,
      default: value.startsWith("first") ? { a: value } : { a: value, "secret-tag-name": value },
    },
  },
  ...more,
});
const SECRETIVE: Resources = {
  ...table({ tags: "${var.tags}" }),
  aws_iam_role: { worker: { name: "worker", assume_role_policy: TRUST } },
  aws_iam_role_policy: { worker: { name: "worker", role: "${aws_iam_role.worker.name}", policy: "${var.policy}" } },
  aws_sqs_queue: { jobs: queue("jobs", { message_retention_seconds: "${var.seconds}" }) },
  aws_ssm_parameter: { password: { name: "/password", type: "SecureString", value: "${var.password}" } },
  aws_lambda_function: {
    reader: {
      function_name: "reader",
      role: "${aws_iam_role.worker.arn}",
      runtime: "nodejs22.x",
      handler: "index.handler",
      filename: "code.zip",
      environment: { variables: { PASSWORD: "${var.password}", PLAIN: "1" } },
    },
  },
};

export const PLAN_FEATURES: readonly PlanFeature[] = [
  {
    name: "moved",
    existing: { aws_sqs_queue: { jobs: queue("jobs"), each: { ...queue("each-${count.index}"), count: 2 } } },
    planned: {
      aws_sqs_queue: {
        work: queue("jobs", { visibility_timeout_seconds: 240 }),
        each: { ...queue("each-${each.value}"), for_each: '${toset(["0", "1"])}' },
      },
    },
    also: {
      moved: [
        { from: "aws_sqs_queue.jobs", to: "aws_sqs_queue.work" },
        { from: "aws_sqs_queue.each[0]", to: 'aws_sqs_queue.each["0"]' },
        { from: "aws_sqs_queue.each[1]", to: 'aws_sqs_queue.each["1"]' },
      ],
    },
  },
  {
    name: "renamed-without-moved",
    existing: { aws_sqs_queue: { each: { ...queue("each-${count.index}"), count: 2 } } },
    planned: { aws_sqs_queue: { each: { ...queue("each-${each.value}"), for_each: '${toset(["0", "1"])}' } } },
  },
  {
    name: "imported",
    existing: { ...table(), ...worker(READ) },
    isUnknownToState: true,
    planned: { ...table({ point_in_time_recovery: { enabled: false } }), ...worker(READ, { ...READ, Action: "s3:PutObject" }) },
    also: {
      import: [
        { to: "aws_dynamodb_table.ledger", id: "ledger" },
        { to: "aws_iam_role.worker", id: "worker" },
        { to: "aws_iam_role_policy.worker", id: "worker:worker" },
      ],
    },
  },
  {
    name: "refresh-only",
    existing: { ...table(), ...worker(READ), aws_sqs_queue: { jobs: queue("jobs") } },
    drifted: {
      ...table({ point_in_time_recovery: { enabled: false } }),
      ...worker(READ, { Effect: "Allow", Action: "s3:*", Resource: "*" }),
    },
    planned: { ...table(), ...worker(READ), aws_sqs_queue: { jobs: queue("jobs") } },
    options: ["-refresh-only"],
  },
  {
    name: "drifted",
    existing: { ...table(), ...worker(READ) },
    drifted: {
      ...table({ point_in_time_recovery: { enabled: false } }),
      ...worker(READ, { Effect: "Allow", Action: "s3:*", Resource: "*" }),
    },
    planned: { ...table(), ...worker(READ) },
  },
  {
    name: "sensitive",
    existing: SECRETIVE,
    existingAlso: secrets("first-secret-value", "s3:GetObject", {
      output: { password: { value: "${var.password}", sensitive: true } },
    }),
    planned: SECRETIVE,
    also: secrets("second-secret-value", "s3:GetSecretThing", {
      output: { password: { value: "${var.password}", sensitive: true }, other: { value: "${sha256(var.password)}", sensitive: true } },
    }),
  },
  {
    name: "unknown",
    existing: {
      aws_vpc: { main: { cidr_block: "10.0.0.0/16" } },
      aws_security_group: {
        web: { name: "web", description: "web", vpc_id: "${aws_vpc.main.id}" },
        other: { name: "other", description: "other", vpc_id: "${aws_vpc.main.id}" },
      },
      ...worker(READ),
      aws_sqs_queue: { jobs: queue("jobs") },
      ...table(),
    },
    planned: {
      aws_vpc: { main: { cidr_block: "10.0.0.0/16" } },
      terraform_data: { later: { input: "a" } },
      aws_security_group: {
        web: {
          name: "web",
          description: "web",
          vpc_id: "${aws_vpc.main.id}",
          dynamic: {
            ingress: {
              for_each: '${toset([terraform_data.later.output == "a" ? "0.0.0.0/0" : "10.0.0.0/8"])}',
              content: { from_port: 443, to_port: 443, protocol: "tcp", cidr_blocks: ["${ingress.value}"] },
            },
          },
        },
        // what is let in is not said, and known later: nothing to tell of
        other: { name: "other", description: "other", vpc_id: "${aws_vpc.main.id}" },
      },
      ...worker({ ...READ, Resource: "arn:aws:s3:::${terraform_data.later.output}/*" }),
      aws_sqs_queue: { jobs: queue("jobs", { message_retention_seconds: "${length(terraform_data.later.output) * 60}" }) },
      ...table({ point_in_time_recovery: { enabled: '${terraform_data.later.output == "a"}' } }),
    },
  },
];
