/** What the roles may touch: what lies in the account and region, and has a name that begins as the stacks' names do. */
export interface Scope {
  readonly accountId: string;
  readonly region: string;
  readonly prefixes: readonly string[];
}

type Arns = (scope: Scope) => readonly string[];

const named =
  (service: string, ...beginnings: readonly string[]): Arns =>
  ({ accountId, prefixes, region }) =>
    beginnings.flatMap((beginning) => prefixes.map((prefix) => `arn:aws:${service}:${region}:${accountId}:${beginning}${prefix}*`));

/** By service; EC2's things have no names. */
export const NAMED_ARNS: Readonly<Record<string, Arns>> = {
  autoscaling: named("autoscaling", "autoScalingGroup:*:autoScalingGroupName/"),
  cloudwatch: named("cloudwatch", "alarm:"),
  dynamodb: named("dynamodb", "table/"),
  events: named("events", "rule/"),
  iam: ({ accountId, prefixes }) =>
    ["role/", "instance-profile/"].flatMap((kind) => prefixes.map((prefix) => `arn:aws:iam::${accountId}:${kind}${prefix}*`)),
  lambda: named("lambda", "function:"),
  // of functions, and of hosts
  logs: named("logs", "log-group:/aws/lambda/", "log-group:/filemill/"),
  // bucket and objects: an object's ARN begins as its bucket's
  s3: ({ prefixes }) => prefixes.map((prefix) => `arn:aws:s3:::${prefix}*`),
  sqs: named("sqs", ""),
  states: named("states", "stateMachine:"),
};

/** What a stack has of EC2, as ARNs name it. */
export const NETWORK_KINDS = [
  "internet-gateway",
  "launch-template",
  "route-table",
  "security-group",
  "security-group-rule",
  "subnet",
  "vpc",
  "vpc-endpoint",
] as const;

export const ec2Arns = ({ accountId, region }: Scope, kinds: readonly string[]): string[] =>
  kinds.map((kind) => `arn:aws:ec2:${region}:${accountId}:${kind}/*`);
