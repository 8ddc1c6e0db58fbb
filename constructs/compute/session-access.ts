import type { Grantee } from "../iam/statement";

const SESSION_ACTIONS = {
  ssm: ["UpdateInstanceInformation"],
  ssmmessages: ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"],
} as const;

/**
 * Lets the agent that Amazon Linux brings open sessions for operators: a shell without a key and without an open port. AWS's smallest
 * policy for it, and no more: the agent runs nothing else on these hosts.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCloud9SSMInstanceProfile.html
 */
export function grantSessions(grantee: Grantee): void {
  for (const [service, names] of Object.entries(SESSION_ACTIONS))
    for (const name of names) grantee.addStatement({ sid: `Session${name}`, actions: [`${service}:${name}`], resources: "any" });
}
