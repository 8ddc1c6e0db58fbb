import { NetworkAcl } from "@cdktf/provider-aws/lib/network-acl";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

export interface WorkerAclProps {
  readonly networkName: string;
  readonly vpcId: string;
  readonly cidr: string;
  readonly subnetIds: readonly string[];
}

const ANYWHERE = "0.0.0.0/0";
const HTTPS = { fromPort: 443, toPort: 443 };
/** Where Linux begins connections from (`net.ipv4.ip_local_port_range`); a list has no memory, so what is answered must be let in. */
const OWN_PORTS = { fromPort: 32_768, toPort: 60_999 };

/**
 * A list for the workers' subnets that says once more what their group says, for the day when somebody opens that: TLS goes out, answers
 * come in. Between subnets the same, for interface endpoints. DNS, time and metadata of the instance pass by it.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
 */
export function addWorkerAcl(scope: Construct, { networkName, vpcId, cidr, subnetIds }: WorkerAclProps): ITerraformDependable {
  const allow = (ruleNo: number, cidrBlock: string, ports: typeof HTTPS) => ({
    ruleNo,
    action: "allow",
    protocol: "tcp",
    cidrBlock,
    ...ports,
  });
  return new NetworkAcl(scope, "WorkerAcl", {
    vpcId,
    subnetIds: [...subnetIds],
    egress: [allow(100, ANYWHERE, HTTPS), allow(110, cidr, OWN_PORTS)],
    ingress: [allow(100, ANYWHERE, OWN_PORTS), allow(110, cidr, HTTPS)],
    tags: { Name: `${networkName}-workers` },
  });
}
