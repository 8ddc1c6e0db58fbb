import { configurationOf, everyEnvironment, referrersOf, resourceAt, resourcesOf, statementsOf, synthesize } from "../support/synth";

describe.each(everyEnvironment())("network of $name", ({ stack }) => {
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

describe("the ways out (S1.113, X32)", () => {
  const withEgress = (egress: string) => synthesize(configurationOf("dev", { FILEMILL_EGRESS: egress }));

  test("public-address: workers have addresses and a route to the internet gateway", () => {
    const stack = withEgress("public-address");
    for (const { body } of resourcesOf(stack, "aws_subnet")) expect(body["map_public_ip_on_launch"]).toBe(true);
    expect(resourcesOf(stack, "aws_route").map(({ body }) => body["gateway_id"])).toEqual([
      `\${${resourceAt(stack, "aws_internet_gateway", "InternetGateway").address}.id}`,
    ]);
  });

  test("nat: workers have no addresses; their route leads to the gateway, whose own subnet leads out", () => {
    const stack = withEgress("nat");
    for (const { body } of resourcesOf(stack, "aws_subnet")) expect(body["map_public_ip_on_launch"]).not.toBe(true);
    const workerRoutes = resourceAt(stack, "aws_route_table", "Network/Routes");
    const routes = referrersOf(stack, "aws_route", workerRoutes);
    expect(routes.map(({ body }) => body["nat_gateway_id"])).toEqual([`\${${resourceAt(stack, "aws_nat_gateway", "Nat").address}.id}`]);
    const natAssociation = referrersOf(stack, "aws_route_table_association", resourceAt(stack, "aws_subnet", "NatSubnet"));
    expect(natAssociation.map(({ body }) => body["route_table_id"])).toEqual([
      `\${${resourceAt(stack, "aws_route_table", "NatRoutes").address}.id}`,
    ]);
  });

  test("interface-endpoints: every service a worker calls has one in every subnet, and there is no way to the internet", () => {
    const stack = withEgress("interface-endpoints");
    for (const type of ["aws_internet_gateway", "aws_nat_gateway", "aws_route"]) expect(stack.resource).not.toHaveProperty(type);
    const endpoints = resourcesOf(stack, "aws_vpc_endpoint").filter(({ body }) => body["vpc_endpoint_type"] === "Interface");
    expect(endpoints.map(({ body }) => String(body["service_name"]).split(".").at(-1)).sort()).toEqual([
      "autoscaling",
      "logs",
      "sqs",
      "ssm",
      "ssmmessages",
      "states",
    ]);
    const subnetIds = resourcesOf(stack, "aws_subnet").map(({ address }) => `\${${address}.id}`);
    for (const { body } of endpoints) {
      expect(body["private_dns_enabled"]).toBe(true);
      // people can wait for a zone that is down, work can't
      const isForWork = /\.(autoscaling|sqs|states)$/.test(String(body["service_name"]));
      expect(body["subnet_ids"]).toEqual(isForWork ? subnetIds : subnetIds.slice(0, 1));
    }
    const rules = resourcesOf(stack, "aws_vpc_security_group_ingress_rule").map(({ body }) => [
      body["referenced_security_group_id"],
      body["from_port"],
    ]);
    expect(rules).toEqual([[`\${${resourceAt(stack, "aws_security_group", "WorkerGroup").address}.id}`, 443]]);
  });
});

describe("the zones", () => {
  test("of another region are its first three that are open to the account, and Terraform says so when it has fewer", () => {
    const stack = synthesize(configurationOf("dev", { FILEMILL_REGION: "ap-northeast-1" }));
    const [id, zones] = Object.entries(stack.data["aws_availability_zones"] ?? {})[0] ?? [];
    expect(zones).toMatchObject({
      state: "available",
      filter: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
      lifecycle: {
        postcondition: [{ condition: "${length(self.names) >= 3}", error_message: expect.stringContaining("FILEMILL_ZONES") as string }],
      },
    });
    expect(resourcesOf(stack, "aws_subnet").map(({ body }) => body["availability_zone"])).toEqual(
      [0, 1, 2].map((index) => `\${element(data.aws_availability_zones.${String(id)}.names, ${index})}`),
    );
  });

  test("that are named are taken as they are: two suffice where a region has no more", () => {
    const stack = synthesize(configurationOf("dev", { FILEMILL_REGION: "us-west-1", FILEMILL_ZONES: "us-west-1a,us-west-1c" }));
    expect(resourcesOf(stack, "aws_subnet").map(({ body }) => body["availability_zone"])).toEqual(["us-west-1a", "us-west-1c"]);
    expect(stack.data).not.toHaveProperty("aws_availability_zones");
  });
});
