import { configurationOf, referrersOf, resourceAt, resourcesOf, synthesize } from "../../../support/synth";

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
