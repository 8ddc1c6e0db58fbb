import { IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { LOCAL_ACCOUNT_ID, LOCAL_REGION } from "../emulator/emulator";
import { MissingPermissionError } from "../errors";
import type { Clients } from "./clients";
import { neededByMachine } from "./machine-permissions";
import type { NeededPermission } from "./machine-permissions";
import type { ProvisionedResource, ProvisionedStack } from "./provision";

/**
 * Checks the permissions that the emulator doesn't enforce by asking it what the role may do: those of every state machine's role,
 * those of every Lambda to write its log, and those of every rule to call its Lambda.
 *
 * @throws MissingPermissionError naming the first permission that is missing, and who needs it
 */
export async function checkUnenforcedPermissions(stack: ProvisionedStack, clients: Clients, signal?: AbortSignal): Promise<void> {
  checkRuleTargets(stack);
  await Promise.all([
    ...ofType(stack, "aws_sfn_state_machine").map((machine) => simulateStateMachineRole(machine, stack, clients)),
    ...ofType(stack, "aws_lambda_function").map((lambda) => simulateLogging(lambda, stack, clients)),
  ]);
  signal?.throwIfAborted();
}

/** Asks for every permission that the definition needs. @throws MissingPermissionError */
export async function simulateStateMachineRole(machine: ProvisionedResource, stack: ProvisionedStack, clients: Clients): Promise<void> {
  const needed = neededByMachine({
    name: textOf(machine, "name"),
    arn: textOf(machine, "arn"),
    definition: textOf(machine, "definition"),
    region: LOCAL_REGION,
    accountId: LOCAL_ACCOUNT_ID,
    buckets: ofType(stack, "aws_s3_bucket").map((bucket) => textOf(bucket, "bucket")),
  });
  await Promise.all(needed.map((permission) => requireAllowed(clients, textOf(machine, "role_arn"), permission, machine.address)));
}

/** A Lambda whose log group is in the stack must be able to write there. */
async function simulateLogging(lambda: ProvisionedResource, stack: ProvisionedStack, clients: Clients): Promise<void> {
  const groupName = `/aws/lambda/${textOf(lambda, "function_name")}`;
  const group = ofType(stack, "aws_cloudwatch_log_group").find((each) => textOf(each, "name") === groupName);
  if (group === undefined) return;
  const resources = [`${textOf(group, "arn")}:log-stream:some-stream`];
  await Promise.all(
    ["logs:CreateLogStream", "logs:PutLogEvents"].map((action) =>
      requireAllowed(
        clients,
        textOf(lambda, "role"),
        { action, resources, by: `the log of ${textOf(lambda, "function_name")}` },
        lambda.address,
      ),
    ),
  );
}

async function requireAllowed(clients: Clients, roleArn: string, needed: NeededPermission, address: string): Promise<void> {
  const { action, resources } = needed;
  // a simulation of several resources gives one verdict for all: each is asked for by itself, and for one that fits where it has a `*`
  const allowed = await Promise.all(
    resources.map(async (resource) => {
      const { EvaluationResults } = await clients.of(IAMClient).send(
        new SimulatePrincipalPolicyCommand({
          PolicySourceArn: roleArn,
          ActionNames: [action],
          ResourceArns: [resource.replaceAll("*", "some")],
        }),
      );
      return EvaluationResults?.[0]?.EvalDecision === "allowed";
    }),
  );
  if (allowed.includes(true)) return;
  throw new MissingPermissionError(
    address,
    `${needed.by} needs ${needed.action} on ${needed.resources.join(" or ")}, and ${roleArn} doesn't allow it`,
    "grant it in the construct; the emulator would let it pass, AWS would not",
  );
}

/** EventBridge calls a Lambda only with a permission on the function for this rule. */
function checkRuleTargets(stack: ProvisionedStack): void {
  for (const target of ofType(stack, "aws_cloudwatch_event_target")) {
    const lambda = ofType(stack, "aws_lambda_function").find((each) => textOf(each, "arn") === textOf(target, "arn"));
    if (lambda === undefined) continue;
    const rule = ofType(stack, "aws_cloudwatch_event_rule").find((each) => textOf(each, "name") === textOf(target, "rule"));
    const allowed = ofType(stack, "aws_lambda_permission").some(
      ({ attributes }) =>
        attributes["principal"] === "events.amazonaws.com" &&
        attributes["action"] === "lambda:InvokeFunction" &&
        [lambda.attributes["function_name"], lambda.attributes["arn"]].includes(attributes["function_name"] ?? null) &&
        (attributes["source_arn"] === undefined || attributes["source_arn"] === rule?.attributes["arn"]),
    );
    if (allowed) continue;
    throw new MissingPermissionError(
      target.address,
      `the rule ${textOf(target, "rule")} may not call ${textOf(lambda, "function_name")}: no aws_lambda_permission lets events.amazonaws.com invoke it`,
      "add the permission beside the target",
    );
  }
}

const ofType = (stack: ProvisionedStack, type: string): ProvisionedResource[] => stack.resources.filter((each) => each.type === type);

function textOf({ address, attributes }: ProvisionedResource, name: string): string {
  const value = attributes[name];
  if (typeof value === "string") return value;
  throw new MissingPermissionError(
    address,
    `its ${name} is not a text, so its permissions can't be checked`,
    "correct the construct that makes it",
  );
}
