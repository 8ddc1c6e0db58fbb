import { grantsOf, type Grant } from "./permissions";
import { resolveText } from "./resolve";
import { resourcesOf, type SynthesizedStack } from "./synth";

/** Roles that run something of the system: its functions, its instances, its machine. Others are of services that work for the account. */
const RUNS_THE_SYSTEM = /"Service":\s*"(lambda|ec2|states)\.amazonaws\.com"/;

/** What every role of the system may do that somebody who takes over a process would have. */
export function processGrantsOf(stack: SynthesizedStack): Grant[] {
  const roles = new Set(
    resourcesOf(stack, "aws_iam_role")
      .filter(({ body }) => RUNS_THE_SYSTEM.test(String(body["assume_role_policy"])))
      .map(({ body }) => resolveText(stack, String(body["name"]))),
  );
  const grants = grantsOf(stack).filter(({ role }) => roles.has(role));
  if (new Set(grants.map(({ role }) => role)).size !== roles.size) throw new Error("a role of the stack has no permissions");
  return grants;
}

/** Columns of the table of what roles can do (docs/threat-model.md). */
export const COLUMNS = ["reads", "writes", "takes messages of", "sends to", "runs, ends, answers"] as const;
type Column = (typeof COLUMNS)[number];

const ITS_LOG = "its log";
const SESSIONS = "sessions of Systems Manager";

/** Each action that any role has: its column, and what it is in words. An action that isn't here has to be thought about. */
const POWERS: Readonly<Record<string, readonly [Column, (resource: string) => string]>> = {
  "s3:GetObject": ["reads", (objects) => objects],
  "s3:GetObjectVersion": ["reads", (objects) => `${objects}, all versions`],
  "s3:ListBucket": ["reads", (bucket) => `names in ${bucket}`],
  "s3:ListMultipartUploadParts": ["reads", (objects) => objects],
  "s3:PutObject": ["writes", (objects) => objects],
  "s3:AbortMultipartUpload": ["writes", (objects) => objects],
  "dynamodb:GetItem": ["reads", (table) => `table ${table}`],
  "dynamodb:BatchGetItem": ["reads", (table) => `table ${table}`],
  "dynamodb:Query": ["reads", (table) => `table ${table}`],
  "dynamodb:PutItem": ["writes", (table) => `table ${table}`],
  "dynamodb:UpdateItem": ["writes", (table) => `table ${table}`],
  "logs:CreateLogStream": ["writes", () => ITS_LOG],
  "logs:PutLogEvents": ["writes", () => ITS_LOG],
  "sqs:ReceiveMessage": ["takes messages of", (queue) => queue],
  "sqs:DeleteMessage": ["takes messages of", (queue) => queue],
  "sqs:ChangeMessageVisibility": ["takes messages of", (queue) => queue],
  "sqs:GetQueueAttributes": ["reads", (queue) => `depth of ${queue}`],
  "sqs:SendMessage": ["sends to", (queue) => queue],
  "lambda:InvokeFunction": ["runs, ends, answers", (name) => `calls ${name}`],
  "states:StartExecution": ["runs, ends, answers", (machine) => `starts ${machine}`],
  "states:DescribeExecution": ["reads", (executions) => `executions of ${executions}`],
  "states:StopExecution": ["runs, ends, answers", (executions) => `stops ${executions}`],
  "states:SendTaskSuccess": ["runs, ends, answers", () => "answers any task whose token it has"],
  "states:SendTaskFailure": ["runs, ends, answers", () => "fails any task whose token it has"],
  "autoscaling:DescribeAutoScalingGroups": ["reads", () => "what any Auto Scaling group has"],
  "autoscaling:CompleteLifecycleAction": ["runs, ends, answers", () => "lets its group end an instance without waiting"],
  "autoscaling:SetDesiredCapacity": ["runs, ends, answers", () => "sets its group's capacity, within the group's bounds"],
  "autoscaling:TerminateInstanceInAutoScalingGroup": ["runs, ends, answers", () => "ends instances of its group"],
  "ssm:UpdateInstanceInformation": ["runs, ends, answers", () => SESSIONS],
  "ssmmessages:CreateControlChannel": ["runs, ends, answers", () => SESSIONS],
  "ssmmessages:CreateDataChannel": ["runs, ends, answers", () => SESSIONS],
  "ssmmessages:OpenControlChannel": ["runs, ends, answers", () => SESSIONS],
  "ssmmessages:OpenDataChannel": ["runs, ends, answers", () => SESSIONS],
};

/** What a resource is called among people: its ARN without what all of a stack's share. */
function shortName(arn: string, environment: string): string {
  const name = arn.replace(/^arn:aws:[a-z0-9]*:[a-z0-9-]*:\d*:/, "").replace(/^(table\/|function:|stateMachine:|execution:)/, "");
  return name.replace(/:\*$/, "").replace(new RegExp(`^filemill-([\\w-]+)-${environment}(?=/|$)`), "$1");
}

/** By role, what whoever has taken over its process can do: in words, by column, each thing once. */
export function rolePowers(stack: SynthesizedStack, environment: string): Map<string, Readonly<Record<Column, readonly string[]>>> {
  const powers = new Map<string, Record<Column, string[]>>();
  const grants = processGrantsOf(stack);
  for (const { role } of grants) {
    powers.set(role, { reads: [], writes: [], "takes messages of": [], "sends to": [], "runs, ends, answers": [] });
  }
  for (const { role, action, resources } of grants) {
    const power = POWERS[action];
    if (power === undefined) throw new Error(`nobody has said what ${role} can do with ${action}: add it to POWERS`);
    const [column, inWords] = power;
    for (const resource of resources) {
      const words = inWords(shortName(resource, environment));
      const known = powers.get(role)?.[column];
      if (known?.includes(words) === false) known.push(words);
    }
  }
  return powers;
}
