import { createHash, createHmac } from "node:crypto";

/**
 * Signature Version 4 once more, by the letter of its documentation and with every part open to be wrong: for requests that no SDK would
 * send. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export interface PlainRequest {
  readonly method: string;
  /** As sent, with its query. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The name that the credential's scope has for the service. */
  readonly service: string;
}

export interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SigningOptions {
  /** Host header. */
  readonly host: string;
  /** @default now */
  readonly time?: Date;
  /** Names left out of the signed headers. @default none */
  readonly unsigned?: readonly string[];
  /** What x-amz-content-sha256 says. @default the body's hash */
  readonly payload?: string;
}

const hash = (text: string): string => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const stamp = (time: Date): string => time.toISOString().replaceAll(/[-:]|\.\d+/g, "");
const encode = (text: string): string =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** The key that signs for a day, a region and a service. */
export const signingKey = (secret: string, date: string, service: string): Buffer =>
  ["us-east-1", service, "aws4_request"].reduce((key, part) => hmac(key, part), hmac(`AWS4${secret}`, date));

interface Canonical {
  readonly time: string;
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

function signatureOf({ method, service }: PlainRequest, secret: string, { time, path, query, headers, payload }: Canonical): string {
  const names = Object.keys(headers).sort();
  const pairs = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).sort();
  const request = [
    method,
    // S3 signs the path as it is sent; all others encode it once more
    service === "s3" ? path : path.split("/").map(encode).join("/"),
    pairs.join("&"),
    ...names.map((name) => `${name}:${(headers[name] ?? "").trim().replaceAll(/\s+/g, " ")}`),
    "",
    names.join(";"),
    payload,
  ].join("\n");
  const scope = `${time.slice(0, 8)}/us-east-1/${service}/aws4_request`;
  return hmac(signingKey(secret, time.slice(0, 8), service), ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n")).toString("hex");
}

const split = (target: string): { path: string; query: [string, string][] } => {
  const [path = "", search = ""] = target.split("?");
  return { path, query: [...new URLSearchParams(search)] };
};

/** Headers of the request with its signature, those that were given included. */
export function signedHeaders(request: PlainRequest, signer: Signer, options: SigningOptions): Record<string, string> {
  const time = stamp(options.time ?? new Date());
  const payload = options.payload ?? hash(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    host: options.host,
    "x-amz-date": time,
    "x-amz-content-sha256": payload,
    ...(signer.sessionToken === undefined ? {} : { "x-amz-security-token": signer.sessionToken }),
  };
  const signed = Object.fromEntries(Object.entries(headers).filter(([name]) => options.unsigned?.includes(name) !== true));
  const { path, query } = split(request.target);
  const signature = signatureOf(request, signer.secretAccessKey, { time, path, query, headers: signed, payload });
  const credential = `${signer.accessKeyId}/${time.slice(0, 8)}/us-east-1/${request.service}/aws4_request`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${Object.keys(signed).sort().join(";")}, Signature=${signature}`,
  };
}

/** The request's target with a signature in its query. @param seconds how long it is good */
export function presignedTarget(
  request: PlainRequest,
  signer: Signer,
  { host, time: at = new Date() }: SigningOptions,
  seconds: number,
): string {
  const time = stamp(at);
  const { path, query } = split(request.target);
  const credential = `${signer.accessKeyId}/${time.slice(0, 8)}/us-east-1/${request.service}/aws4_request`;
  const fields: [string, string][] = [
    ...query,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", credential],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", String(seconds)],
    ["X-Amz-SignedHeaders", "host"],
    ...(signer.sessionToken === undefined ? [] : ([["X-Amz-Security-Token", signer.sessionToken]] as [string, string][])),
  ];
  const payload = request.service === "s3" ? "UNSIGNED-PAYLOAD" : hash(request.body);
  const signature = signatureOf(request, signer.secretAccessKey, { time, path, query: fields, headers: { host }, payload });
  return `${path}?${[...fields, ["X-Amz-Signature", signature] as const].map(([name, value]) => `${encode(name)}=${encode(value)}`).join("&")}`;
}

const EMPTY = hash("");
/** What S3 clients name as payload when each chunk has a signature of its own. */
export const SIGNED_CHUNKS = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";

/** A body in signed chunks. @param headers as `signedHeaders` gave them for the payload SIGNED_CHUNKS */
export function chunkedBody(chunks: readonly string[], signer: Signer, headers: Readonly<Record<string, string>>): string {
  const time = headers["x-amz-date"] ?? "";
  const key = signingKey(signer.secretAccessKey, time.slice(0, 8), "s3");
  let previous = /Signature=([0-9a-f]{64})$/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  return [...chunks, ""]
    .map((chunk) => {
      const scope = `${time.slice(0, 8)}/us-east-1/s3/aws4_request`;
      previous = hmac(key, ["AWS4-HMAC-SHA256-PAYLOAD", time, scope, previous, EMPTY, hash(chunk)].join("\n")).toString("hex");
      return `${Buffer.byteLength(chunk).toString(16)};chunk-signature=${previous}\r\n${chunk}\r\n`;
    })
    .join("");
}
