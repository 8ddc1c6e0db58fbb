import type { TerraformStack } from "cdktf";
import { Role } from "../../constructs/iam/role";
import type { PermissionStatement } from "../../constructs/iam/statement";
import { GatewayEndpoints } from "../../constructs/network/gateway-endpoints";
import { WorkerNetwork } from "../../constructs/network/worker-network";
import { resourceIn, synthesizedFrom } from "../support/construct-stack";
import { statementsOf } from "../support/synth";

const OBJECTS = "arn:aws:s3:::in/*";
const TABLE = "arn:aws:dynamodb:us-east-1:1:table/t";
const ofAccount = { StringEquals: { "aws:PrincipalAccount": "1" } };

function endpointsFor(...grants: readonly (readonly PermissionStatement[])[]) {
  const resources = synthesizedFrom((stack: TerraformStack) => {
    const network = new WorkerNetwork(stack, "Network", {
      networkName: "mill",
      cidr: "10.0.0.0/16",
      availabilityZones: ["us-east-1a"],
      egress: "public-address",
      region: "us-east-1",
    });
    const roles = grants.map((_, index) => {
      const name = `role${index}`;
      return new Role(stack, name, { roleName: name, description: "x", trustedService: "ec2.amazonaws.com" });
    });
    new GatewayEndpoints(stack, "Endpoints", { network, region: "us-east-1", accountId: "1", roles });
    // after the endpoints are made: grants come until the stack is complete
    for (const [index, role] of roles.entries()) for (const grant of grants[index] ?? []) role.addStatement(grant);
  });
  const policyOf = (service: string) =>
    statementsOf(resourceIn(resources, "aws_vpc_endpoint", `Endpoints_${service}`).body["policy"]).map(
      ({ Sid, Action, Resource, Condition, Principal }) => ({ Sid, Action, Resource, Condition, Principal }),
    );
  return { s3: policyOf("s3"), dynamodb: policyOf("dynamodb") };
}

test("through a gateway endpoint goes what the network's roles may do with its service, and nothing else (S1.112)", () => {
  const put = { sid: "Put", actions: ["dynamodb:PutItem"], resources: [TABLE] };
  const both = { sid: "Both", actions: ["s3:GetObject", "sqs:SendMessage"], resources: [OBJECTS] };
  const narrowed = { StringEquals: { "s3:ExistingObjectTag/kind": "text" } };
  const { s3, dynamodb } = endpointsFor([put, both], [{ ...both, actions: ["s3:PutObject"], conditions: narrowed }]);
  expect(dynamodb).toEqual([{ Sid: "Put", Action: ["dynamodb:PutItem"], Resource: [TABLE], Condition: ofAccount, Principal: "*" }]);
  expect(s3).toEqual([
    { Sid: "Both", Action: ["s3:GetObject"], Resource: [OBJECTS], Condition: ofAccount, Principal: "*" },
    {
      Sid: "Both2",
      Action: ["s3:PutObject"],
      Resource: [OBJECTS],
      Condition: { StringEquals: { ...narrowed.StringEquals, ...ofAccount.StringEquals } },
      Principal: "*",
    },
  ]);
});

test("an endpoint that no role may use is refused: without statements it would be nobody's, without a policy everybody's", () => {
  expect(() => endpointsFor([{ sid: "Read", actions: ["s3:GetObject"], resources: [OBJECTS] }])).toThrow(
    "grant 'dynamodb': no role of the network may use it",
  );
});
