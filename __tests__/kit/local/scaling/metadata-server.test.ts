import { Imds } from "../../../../kit/aws/imds";
import { carryOutOrder } from "../../../../kit/local/scaling/fleet-orders";
import type { LocalScaling } from "../../../../kit/local/scaling/local-scaling";
import { startMetadataServer, type MetadataServer } from "../../../../kit/local/scaling/metadata-server";
import { scalingOf, SMALL_GROUP } from "../support/small-group";

const ALL_SPOT = { MixedInstancesPolicy: { InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } } };

let scaling: LocalScaling;
let server: MetadataServer;
let address: string;
let id: string;
beforeEach(async () => {
  scaling = scalingOf({ DesiredCapacity: 2, ...ALL_SPOT });
  scaling.begin();
  server = await startMetadataServer(scaling, "us-east-1");
  id = scaling.instances[0]?.instance.id ?? "";
  address = server.register(id);
});
afterEach(async () => {
  scaling.stop();
  await server.close();
});

const tokenOf = async (ttl = "60", headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${address}/latest/api/token`, { method: "PUT", headers: { "x-aws-ec2-metadata-token-ttl-seconds": ttl, ...headers } });
async function metadata(path: string): Promise<string | undefined> {
  const token = await (await tokenOf()).text();
  const response = await fetch(`${address}/latest/meta-data/${path}`, { headers: { "x-aws-ec2-metadata-token": token } });
  return response.ok ? response.text() : undefined;
}
const order = (given: object) => carryOutOrder(scaling, () => undefined, JSON.stringify(given));

describe("the metadata of an instance", () => {
  test("are read by what reads them on AWS", async () => {
    const imds = new Imds(Date.now, address);
    expect(await imds.instanceId()).toBe(id);
    expect(await imds.spotAction()).toBeUndefined();
    expect(await metadata("placement/availability-zone")).toBe("us-east-1a");
    expect(await metadata("instance-life-cycle")).toBe("spot");
    expect(await metadata("autoscaling/target-lifecycle-state")).toBe("InService");
    expect(await metadata("iam/security-credentials/")).toBeUndefined();
  });

  test("tell what EC2 and the group are about to do (S1.48)", async () => {
    const events: string[] = [];
    const answer = carryOutOrder(
      scaling,
      ({ detailType, resources }) => events.push(detailType, ...resources),
      JSON.stringify({ order: "interrupt", instanceId: id }),
    );
    expect(answer.status).toBe(200);
    expect(events).toEqual(["EC2 Spot Instance Interruption Warning", `arn:aws:ec2:us-east-1:000000000000:instance/${id}`]);
    const { takenAt } = JSON.parse(answer.body) as { takenAt: string };
    expect(await new Imds(Date.now, address).spotAction()).toEqual({ action: "terminate", time: takenAt.replace(/\.\d+Z$/, "Z") });
    expect(order({ order: "rebalance", instanceId: id }).status).toBe(200);
    expect(JSON.parse((await metadata("events/recommendations/rebalance")) ?? "")).toEqual({ noticeTime: expect.any(String) as string });
    const drain = {
      name: "drain",
      transition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatTimeoutSeconds: 60,
      defaultResult: "CONTINUE",
    } as const;
    scaling.group(SMALL_GROUP).update({ hooks: [drain] }, Date.now());
    scaling.group(SMALL_GROUP).terminate(id, Date.now(), { lowersDesired: true });
    scaling.settle();
    expect(await metadata("autoscaling/target-lifecycle-state")).toBe("Terminated");
  });

  test.each([
    ["without a token", { path: "/latest/meta-data/instance-id", headers: {} }, 401],
    ["with a token of nobody's", { path: "/latest/meta-data/instance-id", headers: { "x-aws-ec2-metadata-token": "a" } }, 401],
    ["by a proxy", { path: "/latest/meta-data/instance-id", headers: { "x-forwarded-for": "10.0.0.1" } }, 403],
    ["by a web page", { path: "/latest/meta-data/instance-id", headers: { origin: "http://evil.example" } }, 403],
  ])("%s are refused", async (_how, { headers, path }, status) => {
    expect((await fetch(address + path, { headers: headers as Record<string, string> })).status).toBe(status);
  });

  test("are an instance's own: another address has none, and a token lives no longer than six hours", async () => {
    expect((await fetch(address.replace(/[0-9a-f]+$/, "0".repeat(48)))).status).toBe(403);
    expect((await tokenOf("21601")).status).toBe(400);
    expect((await tokenOf("60", { "x-forwarded-for": "10.0.0.1" })).status).toBe(403);
    server.forget(id);
    expect((await tokenOf()).status).toBe(403);
  });
});

describe("what is ordered of EC2", () => {
  test.each([
    ["of an instance that is not there", { order: "interrupt", instanceId: "i-0" }, 400],
    ["that EC2 doesn't do", { order: "explode", instanceId: "i-0" }, 500],
  ])("%s is refused", (_what, given, status) => {
    expect(order(given).status).toBe(status);
  });

  test("of an instance on demand is refused: EC2 takes those from nobody", () => {
    const onDemand = scalingOf({ DesiredCapacity: 1 });
    onDemand.begin();
    const answer = carryOutOrder(
      onDemand,
      () => undefined,
      JSON.stringify({ order: "interrupt", instanceId: onDemand.instances[0]?.instance.id }),
    );
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining("on demand") as string });
    onDemand.stop();
  });
});
