import type { Grantee } from "../iam/statement";

/** Of the channels AWS knows no resource. https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonmessagegatewayservice.html */
const CHANNEL_ACTIONS = ["CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"] as const;

/**
 * Lets the agent that Amazon Linux brings open sessions for operators: a shell without a key and without an open port. AWS's smallest
 * policy for it, and no more: the agent runs nothing else on these hosts.
 *
 * @param instancesArn whose agents may say that they are there
 * @see https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCloud9SSMInstanceProfile.html
 */
export function grantSessions(grantee: Grantee, instancesArn: string): void {
  grantee.addStatement({ sid: "SessionUpdateInstanceInformation", actions: ["ssm:UpdateInstanceInformation"], resources: [instancesArn] });
  for (const name of CHANNEL_ACTIONS) grantee.addStatement({ sid: `Session${name}`, actions: [`ssmmessages:${name}`], resources: "any" });
}
