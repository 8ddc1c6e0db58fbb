import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Imds, ImdsError } from "../../../kit/aws/imds";

interface Instance {
  readonly paths: Map<string, string>;
  /** Token that is good now. */
  token: string;
  tokensGiven: number;
}

let server: Server;
let instance: Instance;
let address: string;

beforeEach(async () => {
  instance = { paths: new Map([["/latest/meta-data/instance-id", "i-123"]]), token: "", tokensGiven: 0 };
  server = createServer((request, response) => {
    if (
      request.method === "PUT" &&
      request.url === "/latest/api/token" &&
      Number(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]) > 0
    ) {
      instance.tokensGiven += 1;
      instance.token = `token-${instance.tokensGiven}`;
      response.end(instance.token);
      return;
    }
    if (request.headers["x-aws-ec2-metadata-token"] !== instance.token) {
      response.writeHead(401).end();
      return;
    }
    const body = instance.paths.get(request.url ?? "");
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("reads by one session token (IMDSv2)", async () => {
  const imds = new Imds(() => 0, address);
  expect(await imds.instanceId()).toBe("i-123");
  expect(await imds.instanceId()).toBe("i-123");
  expect(instance.tokensGiven).toBe(1);
});

test("takes a new token before the old one ends, and when the service forgot it", async () => {
  let now = 0;
  const imds = new Imds(() => now, address);
  await imds.instanceId();
  now = 21_600_000;
  await imds.instanceId();
  expect(instance.tokensGiven).toBe(2);
  instance.token = "forgotten";
  expect(await imds.instanceId()).toBe("i-123");
  expect(instance.tokensGiven).toBe(3);
});

test("S1.111: a spot notice is given when there is one", async () => {
  const imds = new Imds(() => 0, address);
  expect(await imds.spotAction()).toBeUndefined();
  instance.paths.set("/latest/meta-data/spot/instance-action", '{"action":"terminate","time":"2026-01-01T00:02:00Z"}');
  expect(await imds.spotAction()).toEqual({ action: "terminate", time: "2026-01-01T00:02:00Z" });
});

test("a recommendation to leave is given when there is one, and the state that the group brings the instance to (S1.69)", async () => {
  const imds = new Imds(() => 0, address);
  expect([await imds.rebalanceRecommendedAt(), await imds.targetLifecycleState()]).toEqual([undefined, undefined]);
  instance.paths.set("/latest/meta-data/events/recommendations/rebalance", '{"noticeTime":"2026-01-01T00:02:00Z"}');
  instance.paths.set("/latest/meta-data/autoscaling/target-lifecycle-state", "Terminated");
  expect([await imds.rebalanceRecommendedAt(), await imds.targetLifecycleState()]).toEqual(["2026-01-01T00:02:00Z", "Terminated"]);
  instance.paths.set("/latest/meta-data/events/recommendations/rebalance", "soon");
  await expect(imds.rebalanceRecommendedAt()).rejects.toThrow(/not the expected JSON/);
});

test("no metadata service is a named error, not the absence of a notice", async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await expect(new Imds(() => 0, address).spotAction()).rejects.toThrow(ImdsError);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
