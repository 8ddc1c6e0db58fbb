import { VpcEndpoint } from "@cdktf/provider-aws/lib/vpc-endpoint";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { allow, policyDocument, type PolicyStatement } from "../iam/statement";
import type { WorkerNetwork } from "./worker-network";

export interface GatewayEndpointsProps {
  readonly network: WorkerNetwork;
  readonly region: string;
  readonly accountId: string;
  /** Buckets workers may read and list. */
  readonly readableBuckets: readonly string[];
  /** Bucket of batches' state, also written. */
  readonly stateBucket: string;
  readonly tableArns: readonly string[];
}

/**
 * The way to S3 and DynamoDB: no charge, and no way to anybody else's bucket or table, whatever credentials a worker might be given.
 * https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
 */
export class GatewayEndpoints extends Construct {
  public readonly endpoints: readonly ITerraformDependable[];

  public constructor(scope: Construct, id: string, props: GatewayEndpointsProps) {
    super(scope, id);
    const { network, region, accountId, readableBuckets, stateBucket, tableArns } = props;
    const policies = {
      s3: [
        allow({
          sid: "Read",
          actions: ["s3:GetObject"],
          resources: [...readableBuckets, stateBucket].map((name) => `arn:aws:s3:::${name}/*`),
        }),
        allow({
          sid: "List",
          actions: ["s3:ListBucket"],
          resources: [...readableBuckets, stateBucket].map((name) => `arn:aws:s3:::${name}`),
        }),
        allow({ sid: "Write", actions: ["s3:PutObject", "s3:AbortMultipartUpload"], resources: [`arn:aws:s3:::${stateBucket}/*`] }),
      ],
      dynamodb: [
        allow({
          sid: "Items",
          actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:Query"],
          resources: tableArns,
        }),
      ],
    } as const;
    this.endpoints = Object.entries(policies).map(
      ([service, statements]) =>
        new VpcEndpoint(this, service, {
          vpcId: network.vpcId,
          serviceName: `com.amazonaws.${region}.${service}`,
          vpcEndpointType: "Gateway",
          routeTableIds: [network.routeTableId],
          policy: policyDocument(statements.map((statement) => ofAccount(statement, accountId))),
          tags: { Name: `filemill-${service}` },
        }),
    );
  }
}

/** An endpoint policy needs a principal; anyone of this account, who still needs permissions of their own. */
const ofAccount = (statement: PolicyStatement, accountId: string): PolicyStatement => ({
  ...statement,
  Principal: "*",
  Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
});
