import { once } from "node:events";
import { request } from "node:http";
import type { IncomingMessage } from "node:http";
import { startCredentialsServer } from "../../../kit/local/credentials/credentials-server";
import type { CredentialsServer } from "../../../kit/local/credentials/credentials-server";

const HOUR = 3_600_000;
let server: CredentialsServer;
let now: number;
beforeEach(async () => {
  now = Date.parse("2026-01-01T00:00:00Z");
  server = await startCredentialsServer(() => now);
});
afterEach(() => server.close());

const ask = async (uri: string, token?: string): Promise<{ status: number; body: Record<string, string> }> => {
  const response = await fetch(uri, { headers: { connection: "close", ...(token === undefined ? {} : { authorization: token }) } });
  return { status: response.status, body: (await response.json()) as Record<string, string> };
};

describe("the credentials of workers", () => {
  test("come as the SDK reads them, are kept, and are renewed before they run out", async () => {
    let session = 0;
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = server.register("worker-0", () => {
      session += 1;
      return Promise.resolve({
        accessKeyId: `key-${String(session)}`,
        secretAccessKey: "secret",
        sessionToken: "token",
        expiration: new Date(now + HOUR),
      });
    });
    expect(new URL(uri).hostname).toBe("127.0.0.1");
    const first = await ask(uri, token);
    expect(first).toEqual({
      status: 200,
      body: { AccessKeyId: "key-1", SecretAccessKey: "secret", Token: "token", Expiration: "2026-01-01T01:00:00.000Z" },
    });
    now += 40 * 60_000;
    expect((await ask(uri, token)).body["AccessKeyId"]).toBe("key-1");
    // the SDK asks when five minutes are left
    now += 15 * 60_000;
    expect((await ask(uri, token)).body).toMatchObject({ AccessKeyId: "key-2", Expiration: "2026-01-01T01:55:00.000Z" });
  });

  test("are for the process that holds their token only", async () => {
    const give = () =>
      Promise.resolve({ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token", expiration: new Date(now + HOUR) });
    const one = server.register("worker-0", give);
    const two = server.register("worker-1", give);
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri } = one;
    for (const token of [undefined, "", two.AWS_CONTAINER_AUTHORIZATION_TOKEN]) expect((await ask(uri, token)).status).toBe(403);
    expect((await ask(uri.replace("worker-0", "worker-9"), one.AWS_CONTAINER_AUTHORIZATION_TOKEN)).status).toBe(403);
  });

  const door = () =>
    server.register("worker-0", () =>
      Promise.resolve({ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token", expiration: new Date(now + HOUR) }),
    );
  /** Sends what no program's fetch would: a foreign Host among it. @returns the status */
  const raw = async (method: string, headers: Record<string, string>): Promise<number | undefined> => {
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: authorization } = door();
    const sent = request(uri, { method, agent: false, headers: { authorization, ...headers } }).end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    response.resume();
    return response.statusCode;
  };
  test("are not for web pages, whatever they know", async () => {
    expect(await raw("GET", {})).toBe(200);
    const pages: Record<string, string>[] = [
      { host: "evil.example" },
      { host: "localhost" },
      { origin: "http://evil.example" },
      { origin: "null" },
      ...["cross-site", "same-site", "same-origin", "none"].map((site) => ({ "sec-fetch-site": site })),
      ...["no-cors", "navigate", "websocket"].map((mode) => ({ "sec-fetch-mode": mode })),
    ];
    for (const headers of pages) expect([headers, await raw("GET", headers)]).toEqual([headers, 403]);
    for (const method of ["POST", "OPTIONS", "PUT"]) expect([method, await raw(method, {})]).toEqual([method, 403]);
  });

  test("are asked for again after a failure, and the failure is told", async () => {
    let fails = true;
    const { AWS_CONTAINER_CREDENTIALS_FULL_URI: uri, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = server.register("worker-0", () =>
      fails
        ? Promise.reject(new Error("no such role"))
        : Promise.resolve({ accessKeyId: "key", secretAccessKey: "secret", sessionToken: "token", expiration: new Date(now + HOUR) }),
    );
    expect(await ask(uri, token)).toMatchObject({ status: 500, body: { message: expect.stringContaining("no such role") as string } });
    fails = false;
    expect((await ask(uri, token)).status).toBe(200);
  });
});
