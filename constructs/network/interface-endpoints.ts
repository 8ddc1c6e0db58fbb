import { SecurityGroup } from "@cdktf/provider-aws/lib/security-group";
import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { VpcSecurityGroupIngressRule } from "@cdktf/provider-aws/lib/vpc-security-group-ingress-rule";
import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";

/** What a worker calls beside S3 and DynamoDB: its queues, the callback, its own retirement. */
const WORKER_SERVICES = ["sqs", "states", "autoscaling"] as const;
/** What people look through: the workers' log, and sessions on their hosts. One zone's address will do, at a third of the price. */
const OPERATOR_SERVICES = ["logs", "ssm", "ssmmessages"] as const;

export interface InterfaceEndpointsProps {
  readonly networkName: string;
  readonly vpcId: string;
  readonly subnetIds: readonly string[];
  readonly workerGroupId: string;
  readonly region: string;
}

/**
 * An address of each service that work needs in each subnet, of the others in the first: no way to the internet at all (requirement
 * S1.113).
 *
 * @returns what the way is made of
 */
export function addInterfaceEndpoints(
  scope: Construct,
  { networkName, vpcId, subnetIds, workerGroupId, region }: InterfaceEndpointsProps,
): readonly ITerraformDependable[] {
  const group = new SecurityGroup(scope, "EndpointGroup", { name: `${networkName}-endpoints`, description: "TLS from the workers", vpcId });
  const ingress = new VpcSecurityGroupIngressRule(scope, "EndpointTls", {
    securityGroupId: group.id,
    description: "From the workers, and from nobody else",
    referencedSecurityGroupId: workerGroupId,
    ipProtocol: "tcp",
    fromPort: 443,
    toPort: 443,
  });
  const places = [
    ...WORKER_SERVICES.map((service) => [service, subnetIds] as const),
    ...OPERATOR_SERVICES.map((service) => [service, subnetIds.slice(0, 1)] as const),
  ];
  const endpoints = places.map(
    ([service, ids]) =>
      new VpcEndpoint(scope, `Endpoint-${service}`, {
        vpcId,
        serviceName: `com.amazonaws.${region}.${service}`,
        vpcEndpointType: "Interface",
        privateDnsEnabled: true,
        subnetIds: [...ids],
        securityGroupIds: [group.id],
        tags: { Name: `${networkName}-${service}` },
      }),
  );
  return [ingress, ...endpoints];
}
