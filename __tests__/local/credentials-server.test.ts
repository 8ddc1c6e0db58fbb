import { startCredentialsServer } from "../../local/credentials/credentials-server";
import type { CredentialsServer } from "../../local/credentials/credentials-server";

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
