import { expect } from "expect";
import { referrersOf, resourceAt, resourcesOf, statementsOf } from "../../../../support/synth";
import { assertions } from "./assertions";

export const networkAssertions = assertions("network", ({ stack }, test) => {
  const subnets = resourcesOf(stack, "aws_subnet");
  const group = resourceAt(stack, "aws_autoscaling_group", "Fleet/Group");

  test("the group spans one subnet in each of zones a, b and c (S1.63, S1.101, X7)", () => {
    expect(subnets.map(({ body }) => body["availability_zone"])).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
    expect(group.body["vpc_zone_identifier"]).toEqual(subnets.map(({ address }) => `\${${address}.id}`));
  });

  test("S3 and DynamoDB are reached by gateway endpoints on the route table of every worker subnet (K5, S1.112)", () => {
    const tables = subnets.map((subnet) => {
      const associations = referrersOf(stack, "aws_route_table_association", subnet);
      expect(associations).toHaveLength(1);
      return associations[0]?.body["route_table_id"];
    });
    const gateways = resourcesOf(stack, "aws_vpc_endpoint").filter(({ body }) => body["vpc_endpoint_type"] === "Gateway");
    expect(gateways.map(({ body }) => body["service_name"]).sort()).toEqual([
      "com.amazonaws.us-east-1.dynamodb",
      "com.amazonaws.us-east-1.s3",
    ]);
    for (const { body } of gateways) expect(body["route_table_ids"]).toEqual([...new Set(tables)]);
  });

  test("through the endpoints only this account reaches only our buckets and tables", () => {
    for (const { body } of resourcesOf(stack, "aws_vpc_endpoint").filter((endpoint) => endpoint.body["vpc_endpoint_type"] === "Gateway")) {
      for (const { Effect, Condition, Resource } of statementsOf(body["policy"])) {
        expect(Effect).toBe("Allow");
        expect(Condition).toEqual({ StringEquals: { "aws:PrincipalAccount": "${data.aws_caller_identity.account.account_id}" } });
        for (const resource of Resource ?? []) expect(resource).toMatch(/\$\{aws_(s3_bucket|dynamodb_table)\./);
        expect(Resource).not.toHaveLength(0);
      }
    }
  });

  test("S2.88: nothing comes in to a worker, and only TLS goes out", () => {
    expect(stack.resource).not.toHaveProperty("aws_vpc_security_group_ingress_rule");
    for (const { body } of resourcesOf(stack, "aws_security_group")) {
      expect(body).not.toHaveProperty("ingress");
      expect(body).not.toHaveProperty("egress");
    }
    expect(
      resourcesOf(stack, "aws_vpc_security_group_egress_rule").map(({ body }) => [body["from_port"], body["to_port"], body["ip_protocol"]]),
    ).toEqual([[443, 443, "tcp"]]);
  });
});
