import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import { Lazy, type ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { Role } from "../iam/role";
import { GrantError, policyDocument, type PolicyStatement } from "../iam/statement";
import type { WorkerNetwork } from "./worker-network";

export interface GatewayEndpointsProps {
  readonly network: WorkerNetwork;
  readonly region: string;
  readonly accountId: string;
  /** Of what runs in the network: what they may do with the two services goes through the endpoints, and nothing else. */
  readonly roles: readonly Role[];
}

/** Services that have an endpoint of this kind. */
const SERVICES = ["s3", "dynamodb"] as const;

/**
 * The way to S3 and DynamoDB: no charge, and no way to anybody else's bucket or table, whatever credentials a worker might be given.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
 */
export class GatewayEndpoints extends Construct {
  public readonly endpoints: readonly ITerraformDependable[];

  public constructor(scope: Construct, id: string, { network, region, accountId, roles }: GatewayEndpointsProps) {
    super(scope, id);
    this.endpoints = SERVICES.map(
      (service) =>
        new VpcEndpoint(this, service, {
          vpcId: network.vpcId,
          serviceName: `com.amazonaws.${region}.${service}`,
          vpcEndpointType: "Gateway",
          routeTableIds: [network.routeTableId],
          // roles get grants until the stack is complete
          policy: Lazy.stringValue({ produce: () => policyDocument(throughEndpoint(service, roles, accountId)) }),
          tags: { Name: `${network.networkName}-${service}` },
        }),
    );
  }
}

/** What the roles may do with the service. @throws GrantError when that is nothing: such a policy AWS refuses, and none at all is open */
function throughEndpoint(service: string, roles: readonly Role[], accountId: string): PolicyStatement[] {
  const granted = roles.flatMap(({ statements }, index) =>
    statements.flatMap(({ Sid, Action, ...statement }) => {
      const ofService = [Action].flat().filter((action) => action.startsWith(`${service}:`));
      // roles may have statements of one name
      return ofService.length === 0 ? [] : [{ Sid: index === 0 ? Sid : `${Sid}${index + 1}`, ...statement, Action: ofService }];
    }),
  );
  if (granted.length === 0) throw new GrantError(service, "no role of the network may use it; grant something, or leave the endpoint out");
  return granted.map((statement) => ofAccount(statement, accountId));
}

/** An endpoint policy needs a principal; anyone of this account, who still needs permissions of their own. */
const ofAccount = (statement: PolicyStatement, accountId: string): PolicyStatement => ({
  ...statement,
  Principal: "*",
  Condition: {
    ...statement.Condition,
    StringEquals: { ...statement.Condition?.["StringEquals"], "aws:PrincipalAccount": accountId },
  },
});
