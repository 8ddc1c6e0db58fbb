// Signature Version 4 in a query, for addresses that a web page can hold.
import { createHash, createHmac } from "node:crypto";

const hash = (text) => createHash("sha256").update(text).digest("hex");
const hmac = (key, text) => createHmac("sha256", key).update(text).digest();
const encode = (text) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * @param {{ method: string, base: string, path: string, service: string, body?: string }} request
 * @param {{ accessKeyId: string, secretAccessKey: string, sessionToken?: string }} signer
 * @returns {string} an address that is good for five minutes
 */
export function presign({ method, base, path, service, body = "" }, { accessKeyId, secretAccessKey, sessionToken }) {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const date = time.slice(0, 8);
  const scope = `${date}/us-east-1/${service}/aws4_request`;
  const fields = [
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${accessKeyId}/${scope}`],
    ["X-Amz-Date", time],
    ["X-Amz-Expires", "300"],
    ["X-Amz-SignedHeaders", "host"],
    ...(sessionToken === undefined ? [] : [["X-Amz-Security-Token", sessionToken]]),
  ];
  const query = fields
    .map(([name, value]) => `${name}=${encode(value)}`)
    .sort()
    .join("&");
  const payload = service === "s3" ? "UNSIGNED-PAYLOAD" : hash(body);
  const request = [method, path, query, `host:${new URL(base).host}`, "", "host", payload].join("\n");
  const key = [date, "us-east-1", service, "aws4_request"].reduce(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash(request)].join("\n")).toString("hex");
  return `${base}${path}?${query}&X-Amz-Signature=${signature}`;
}
