/** What the roles may touch: what lies in the account and region, and has a name that begins as the stacks' names do. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
  readonly prefixes: readonly string[];
  /** Where the stacks' roles are in IAM: `/`, or `/team/filemill/`. */
  readonly rolePath: string;
}

type Arns = (scope: Scope) => readonly string[];

const named =
  (service: string, ...beginnings: readonly string[]): Arns =>
  ({ accountId, prefixes, region }) =>
    beginnings.flatMap((beginning) => prefixes.map((prefix) => `arn:aws:${service}:${region}:${accountId}:${beginning}${prefix}*`));

/** Roles, or instance profiles, of the stacks. */
const inRolePath =
  (kind: string): Arns =>
  ({ accountId, prefixes, rolePath }) =>
    prefixes.map((prefix) => `arn:aws:iam::${accountId}:${kind}${rolePath}${prefix}*`);
export const roleArns = inRolePath("role");

/** Of an account, in no region. */
const global =
  (service: string, beginning: string): Arns =>
  ({ accountId, prefixes }) =>
    prefixes.map((prefix) => `arn:aws:${service}::${accountId}:${beginning}${prefix}*`);

/** A system's dashboard is called as the system is: `media`, where other names begin with `media-`. */
const dashboards: Arns = ({ accountId, prefixes }) =>
  prefixes.map((prefix) => `arn:aws:cloudwatch::${accountId}:dashboard/${prefix.replace(/-$/, "")}*`);

/** By service; EC2's things have no names, and neither have plans of backups nor keys: below. */
export const NAMED_ARNS: Readonly<Record<string, Arns>> = {
  autoscaling: named("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"),
  backup: named("backup", "backup-vault:"),
  budgets: global("budgets", "budget/"),
  cloudwatch: (scope) => [...named("cloudwatch", "alarm:")(scope), ...dashboards(scope)],
  dynamodb: named("dynamodb", "table/"),
  events: named("events", "rule/"),
  iam: (scope) => [...roleArns(scope), ...inRolePath("instance-profile")(scope)],
  kms: named("kms", "alias/"),
  lambda: named("lambda", "function:"),
  // of functions, and of hosts
  logs: named("logs", "log-group:/aws/lambda/", "log-group:/filemill/"),
  // bucket and objects: an object's ARN begins as its bucket's
  s3: ({ prefixes }) => prefixes.map((prefix) => `arn:aws:s3:::${prefix}*`),
  // a subscription's ARN begins as its topic's
  sns: named("sns", ""),
  sqs: named("sqs", ""),
  states: named("states", "stateMachine:"),
};

/** What a stack has of EC2, as ARNs name it. */
export const NETWORK_KINDS = [
  "internet-gateway",
  "launch-template",
  "network-acl",
  "route-table",
  "security-group",
  "security-group-rule",
  "subnet",
  "vpc",
  "vpc-endpoint",
  "vpc-flow-log",
] as const;

export const ec2Arns = ({ accountId, region }: Scope, kinds: readonly string[]): string[] =>
  kinds.map((kind) => `arn:aws:ec2:${region}:${accountId}:${kind}/*`);

/** What AWS names by ids, by service: told apart by the tag that all of the stacks' things have. */
export type WithIds = "backup" | "kms";
export const ID_ARNS: Readonly<Record<WithIds, (scope: Scope) => string>> = {
  backup: ({ accountId, region }) => `arn:aws:backup:${region}:${accountId}:backup-plan:*`,
  kms: ({ accountId, region }) => `arn:aws:kms:${region}:${accountId}:key/*`,
};
