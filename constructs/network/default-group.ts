import { DefaultSecurityGroup } from "@cdktf/provider-aws/lib/default-security-group";
import type { Construct } from "constructs";

/**
 * Takes all rules from the group that every VPC is born with: it lets its members reach each other and everything else, and whatever is
 * started without a group of its own is a member.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html
 */
export function closeDefaultGroup(
  scope: Construct,
  { networkName, vpcId }: { readonly networkName: string; readonly vpcId: string },
): void {
  new DefaultSecurityGroup(scope, "DefaultGroup", { vpcId, tags: { Name: `${networkName}-default-closed` } });
}
