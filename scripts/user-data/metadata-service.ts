import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { SessionCredentials } from "../../kit/local/provision/role-credentials";

/** An instance, as its metadata service tells of it. */
export interface Instance {
  readonly instanceId: string;
  /** As it was before EC2's encoding in base64. */
  readonly userData: string;
  readonly roleName: string;
  readonly credentials: () => Promise<SessionCredentials>;
}

const VERSION = /^\/latest\//;

/**
 * The stand-in for an instance's metadata service, version 2 only: what the AWS CLI and the worker read of it, and 404 for all
 * else, as on an instance without it.
 *
 * @param socket path of the socket that it listens on
 * @returns ends it
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
 */
export async function startMetadataService(socket: string, instance: Instance): Promise<() => Promise<void>> {
  const token = randomBytes(24).toString("hex");
  const server = createServer((request, response) => {
    answer(instance, token, request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  server.listen(socket);
  await once(server, "listening");
  return async () => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
}

async function answer(instance: Instance, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = (request.url ?? "").replace(VERSION, "/");
  if (path === "/api/token" && request.method === "PUT") {
    const seconds = String(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    response.writeHead(200, { "x-aws-ec2-metadata-token-ttl-seconds": seconds }).end(token);
    return;
  }
  if (request.headers["x-aws-ec2-metadata-token"] !== token) {
    response.writeHead(401).end();
    return;
  }
  const text = await textAt(path, instance);
  response.writeHead(text === undefined ? 404 : 200, { "content-type": "text/plain" }).end(text);
}

/** A folder tells what is in it, a line each, folders with a slash. */
async function textAt(path: string, { credentials, instanceId, roleName }: Instance): Promise<string | undefined> {
  if (path === "/dynamic/instance-identity/document") return JSON.stringify({ instanceId, region: "us-east-1", architecture: "x86_64" });
  const role = `iam/security-credentials/${roleName}`;
  const texts: Readonly<Record<string, string>> = {
    "instance-id": instanceId,
    "instance-type": "c7i.large",
    "local-hostname": "ip-10-42-0-10.ec2.internal",
    "placement/availability-zone": "us-east-1a",
    "placement/region": "us-east-1",
  };
  if (!path.startsWith("/meta-data/")) return undefined;
  const asked = path.slice("/meta-data/".length);
  if (asked === role) return credentialsDocument(await credentials());
  const names = [...Object.keys(texts), role];
  const below = names.filter((name) => asked === "" || name.startsWith(asked.replace(/\/?$/, "/")));
  if (below.length === 0) return texts[asked];
  const depth = asked.replace(/\/$/, "").split("/").filter(Boolean).length;
  const entries = below.map((name) => name.split("/").slice(depth)).map(([first = "", ...rest]) => (rest.length > 0 ? `${first}/` : first));
  return [...new Set(entries)].join("\n");
}

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html */
const credentialsDocument = ({ accessKeyId, expiration, secretAccessKey, sessionToken }: SessionCredentials): string =>
  JSON.stringify({
    Code: "Success",
    LastUpdated: new Date().toISOString(),
    Type: "AWS-HMAC",
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: expiration.toISOString(),
  });
