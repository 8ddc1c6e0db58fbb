import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { isFromProgram } from "../from-program";
import { LOOPBACK } from "../loopback";
import type { FoundInstance, LocalScaling } from "./local-scaling";

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html */
const TOKEN_HEADER = "x-aws-ec2-metadata-token";
const TTL_HEADER = "x-aws-ec2-metadata-token-ttl-seconds";
const LONGEST_TTL_SECONDS = 21_600;
const SECOND = 1_000;
const METADATA = "/latest/meta-data/";

/**
 * The instance metadata service of every instance, version 2 only: a session's token first. Credentials are not among the metadata; a local
 * worker has them from a server of their own.
 */
export interface MetadataServer {
  /** An instance's own address, which nobody else can guess: what an SDK takes as AWS_EC2_METADATA_SERVICE_ENDPOINT. */
  readonly register: (instanceId: string) => string;
  /** Nothing is there any more. */
  readonly forget: (instanceId: string) => void;
  readonly close: () => Promise<void>;
}

interface Door {
  readonly instanceId: string;
  /** Ends of tokens, in milliseconds since the epoch. */
  readonly tokens: Map<string, number>;
}

export async function startMetadataServer(scaling: LocalScaling, region: string): Promise<MetadataServer> {
  const doors = new Map<string, Door>();
  const server = createServer((request, response) => {
    answer(scaling, region, doors, request, response);
  });
  server.listen(0, LOOPBACK);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    register: (instanceId) => {
      const name = randomBytes(24).toString("hex");
      doors.set(name, { instanceId, tokens: new Map() });
      return `http://${LOOPBACK}:${port}/${name}`;
    },
    forget: (instanceId) => {
      for (const [name, door] of doors) if (door.instanceId === instanceId) doors.delete(name);
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function answer(
  scaling: LocalScaling,
  region: string,
  doors: ReadonlyMap<string, Door>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, name = "", rest = ""] = /^\/([0-9a-f]+)(\/.*)$/.exec(request.url ?? "") ?? [];
  const door = doors.get(name);
  // a request that was handed on is none of the instance's own
  if (!isFromProgram(request) || door === undefined || request.headers["x-forwarded-for"] !== undefined) {
    response.writeHead(403).end();
    return;
  }
  if (request.method === "PUT" && rest === "/latest/api/token") {
    giveToken(door, request, response);
    return;
  }
  const token = request.headers[TOKEN_HEADER];
  if (request.method !== "GET" || typeof token !== "string" || (door.tokens.get(token) ?? 0) <= Date.now()) {
    response.writeHead(401).end();
    return;
  }
  const found = scaling.find(door.instanceId);
  const text =
    found === undefined || !rest.startsWith(METADATA) ? undefined : METADATA_OF[rest.slice(METADATA.length)]?.(found, scaling, region);
  if (text === undefined) response.writeHead(404).end();
  else response.writeHead(200, { "content-type": "text/plain" }).end(text);
}

function giveToken({ tokens }: Door, { headers }: IncomingMessage, response: ServerResponse): void {
  const seconds = Number(headers[TTL_HEADER]);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > LONGEST_TTL_SECONDS) {
    response.writeHead(400).end();
    return;
  }
  const token = randomBytes(32).toString("base64url");
  tokens.set(token, Date.now() + seconds * SECOND);
  response.writeHead(200, { "content-type": "text/plain", [TTL_HEADER]: String(seconds) }).end(token);
}

type Told = (found: FoundInstance, scaling: LocalScaling, region: string) => string | undefined;

const toTime = (milliseconds: number): string => new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

/** https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html */
const METADATA_OF: Readonly<Record<string, Told>> = {
  "instance-id": ({ instance }) => instance.id,
  "instance-type": ({ instance }) => instance.instanceType,
  "instance-life-cycle": ({ instance }) => instance.market,
  "placement/availability-zone": ({ instance }) => instance.zone,
  "placement/region": (_found, _scaling, region) => region,
  // https://docs.aws.amazon.com/autoscaling/ec2/userguide/retrieving-target-lifecycle-state-through-imds.html
  "autoscaling/target-lifecycle-state": ({ instance }) => (instance.state.startsWith("Terminating") ? "Terminated" : "InService"),
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
  "spot/instance-action": ({ instance }, scaling) => {
    const { takenAt } = scaling.fateOf(instance.id);
    return takenAt === undefined ? undefined : JSON.stringify({ action: "terminate", time: toTime(takenAt) });
  },
  "spot/termination-time": ({ instance }, scaling) => {
    const { takenAt } = scaling.fateOf(instance.id);
    return takenAt === undefined ? undefined : toTime(takenAt);
  },
  // https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/rebalance-recommendations.html
  "events/recommendations/rebalance": ({ instance }, scaling) => {
    const { rebalanceAt } = scaling.fateOf(instance.id);
    return rebalanceAt === undefined ? undefined : JSON.stringify({ noticeTime: toTime(rebalanceAt) });
  },
};
