import { randomBytes, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isFromProgram } from "../from-program";
import { LOOPBACK } from "../loopback";
import type { SessionCredentials } from "../provision/role-credentials";

/**
 * Sessions are renewed when this little is left. The SDK asks again from five minutes before the end on.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
const RENEW_BEFORE_MS = 15 * 60_000;

/** Variables by which an AWS SDK finds its credentials at this server. */
export interface CredentialsVariables {
  readonly AWS_CONTAINER_CREDENTIALS_FULL_URI: string;
  readonly AWS_CONTAINER_AUTHORIZATION_TOKEN: string;
}

export interface CredentialsServer {
  /** A process's own door; `assume` gives the session's credentials, again whenever the last ones run out. */
  readonly register: (name: string, assume: () => Promise<SessionCredentials>) => CredentialsVariables;
  readonly close: () => Promise<void>;
}

interface Door {
  readonly token: string;
  readonly assume: () => Promise<SessionCredentials>;
  current?: Promise<SessionCredentials>;
}

/** What an instance's metadata service is on AWS: hands out the role's credentials and renews them. On the loopback address only. */
export async function startCredentialsServer(now: () => number = Date.now): Promise<CredentialsServer> {
  const doors = new Map<string, Door>();
  const server = createServer((request, response) => {
    answer(doors, request, response, now).catch((error: unknown) => {
      response.writeHead(500, { "content-type": "application/json" }).end(JSON.stringify({ message: String(error) }));
    });
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    register: (name, assume) => {
      const token = randomBytes(24).toString("hex");
      doors.set(`/${name}`, { token, assume });
      return { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://${LOOPBACK}:${port}/${name}`, AWS_CONTAINER_AUTHORIZATION_TOKEN: token };
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function answer(
  doors: ReadonlyMap<string, Door>,
  request: IncomingMessage,
  response: ServerResponse,
  now: () => number,
): Promise<void> {
  const door = doors.get(request.url ?? "");
  const token = request.headers.authorization ?? "";
  if (!isFromProgram(request) || request.method !== "GET" || door === undefined || !sameText(token, door.token)) {
    response.writeHead(403, { "content-type": "application/json" }).end(JSON.stringify({ message: "no such credentials, or not yours" }));
    return;
  }
  const credentials = await currentOf(door, now);
  response.writeHead(200, { "content-type": "application/json" }).end(
    JSON.stringify({
      AccessKeyId: credentials.accessKeyId,
      SecretAccessKey: credentials.secretAccessKey,
      Token: credentials.sessionToken,
      Expiration: credentials.expiration.toISOString(),
    }),
  );
}

async function currentOf(door: Door, now: () => number): Promise<SessionCredentials> {
  try {
    const known = await door.current;
    if (known !== undefined && known.expiration.getTime() - now() > RENEW_BEFORE_MS) return known;
  } catch {
    // whoever asked first was told; the next one tries again
  }
  door.current = door.assume();
  return door.current;
}

function sameText(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
