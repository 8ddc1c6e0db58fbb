import { UNRESTRICTED_ACTIONS, type Grantee } from "../iam/statement";

const SESSION_ACTIONS = [
  "updateInstanceInformation",
  "createControlChannel",
  "createDataChannel",
  "openControlChannel",
  "openDataChannel",
] as const;

/**
 * Lets the agent that Amazon Linux brings open sessions for operators: a shell without a key and without an open port. AWS's smallest policy
 * for it, and no more: the agent runs nothing else on these hosts.
 *
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCloud9SSMInstanceProfile.html
 */
export function grantSessions(grantee: Grantee): void {
  for (const name of SESSION_ACTIONS) {
    const { action } = UNRESTRICTED_ACTIONS[name];
    grantee.addStatement({
      sid: `Session${name[0]?.toUpperCase() ?? ""}${name.slice(1)}`,
      actions: [action],
      resources: UNRESTRICTED_ACTIONS[name],
    });
  }
}
