// What a web page can try on an address of this machine. Each attack is carried out by page.html.
import { createHash } from "node:crypto";
import { presign } from "./sign.mjs";

const TEST_KEY = { accessKeyId: "test", secretAccessKey: "test" };
const ACCOUNT_KEY = { accessKeyId: "000000000000", secretAccessKey: "test" };
const ROLE = "arn:aws:iam::000000000000:role/wordfreq-worker";
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

/** The session that the emulator by itself would make of a function's name and role. */
function guessedSession({ functionArn, roleArn }) {
  const digest = sha256(`${functionArn}:${roleArn}`);
  return {
    accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
    secretAccessKey: sha256(`secret:${digest}`),
    sessionToken: sha256(`token:${digest}`),
  };
}

/** @param {string} zip base64 of code that writes a file when it runs */
const functionBody = (zip) =>
  JSON.stringify({ FunctionName: "evil", Runtime: "nodejs20.x", Role: ROLE, Handler: "index.handler", Code: { ZipFile: zip } });

/**
 * @param {string} base `http://HOST:PORT` of what is attacked
 * @param {object} loot names of what there is to take, and an address that root signed itself, as if it had leaked
 * @returns attacks with an id each; `path` is what a server sees of it
 */
export function attacksOn(base, loot) {
  const { bucket, queuePath, signedScript, signedDelete, zip, theFunction } = loot;
  const create = { method: "POST", base, path: "/2015-03-31/functions", service: "lambda", body: functionBody(zip) };
  const invoke = { ...create, path: "/2015-03-31/functions/evil/invocations", body: "{}" };
  const rubbish = (service) =>
    `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Fus-east-1%2F${service}%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=00`;
  const send = (url, body, more = {}) => ({ kind: "fetch", mode: "no-cors", method: "POST", url, body, ...more });
  const read = (url, more = {}) => ({ kind: "fetch", mode: "cors", method: "GET", url, ...more });
  const receive = "Action=ReceiveMessage&Version=2012-11-05";
  const attacks = [
    // code
    send(`${base}${create.path}?${rubbish("lambda")}`, create.body),
    send(presign(create, TEST_KEY), create.body),
    send(presign(create, ACCOUNT_KEY), create.body),
    send(presign(create, guessedSession(theFunction)), create.body),
    send(presign(invoke, TEST_KEY), invoke.body),
    read(presign({ ...invoke, method: "GET", path: "/2015-03-31/functions/evil", body: "" }, TEST_KEY)),
    { kind: "beacon", url: presign(create, TEST_KEY), body: create.body },
    { kind: "form", enctype: "text/plain", url: presign(create, TEST_KEY), text: create.body },
    { kind: "xhr", method: "POST", url: presign(create, TEST_KEY), body: create.body },
    // the emulator's own paths
    ...["/_ministack/health", "/_ministack/sqs/messages", "/_localstack/health", "/health", "/latest/meta-data/", "/_filemill/faults"].map(
      (path) => read(`${base}${path}`),
    ),
    send(`${base}/_ministack/config`, '{"AUTH":"false"}'),
    // data
    read(`${base}/${bucket}?list-type=2`),
    read(presign({ method: "GET", base, path: `/${bucket}/loot.js`, service: "s3" }, TEST_KEY)),
    read(`${base}/${bucket}/loot.js`, { headers: { authorization: "AWS test:test" } }),
    { kind: "script", url: `${base}/${bucket}/loot.js` },
    { kind: "img", url: `${base}/${bucket}/loot.png` },
    { kind: "iframe", url: `${base}/${bucket}/loot.js` },
    { kind: "form", enctype: "multipart/form-data", url: `${base}/${bucket}`, fields: { key: "planted", file: "evil" } },
    {
      kind: "fetch",
      mode: "cors",
      method: "PUT",
      url: presign({ method: "PUT", base, path: `/${bucket}/planted`, service: "s3" }, TEST_KEY),
      body: "evil",
    },
    { kind: "fetch", mode: "cors", method: "DELETE", url: `${base}/${bucket}/loot.js` },
    // queues and credentials
    send(`${base}${queuePath}`, "Action=SendMessage&Version=2012-11-05&MessageBody=evil", {
      headers: { "content-type": "application/x-www-form-urlencoded" },
    }),
    {
      kind: "form",
      enctype: "application/x-www-form-urlencoded",
      url: `${base}${queuePath}`,
      fields: { Action: "PurgeQueue", Version: "2012-11-05" },
    },
    read(`${base}${queuePath}?${receive}&AWSAccessKeyId=test&Signature=AAAA`),
    {
      kind: "form",
      enctype: "application/x-www-form-urlencoded",
      url: `${base}/`,
      fields: { Action: "CreateUser", UserName: "evil", AWSAccessKeyId: "test" },
    },
    // what a leaked address would give: root itself signed it
    ...(signedScript === undefined
      ? []
      : [
          { kind: "script", url: signedScript },
          { kind: "img", url: signedScript },
          read(signedScript),
          { kind: "iframe", url: signedScript },
        ]),
    ...(signedDelete === undefined ? [] : [{ kind: "fetch", mode: "cors", method: "DELETE", url: signedDelete }]),
    // connections that stay
    { kind: "websocket", url: `${base.replace("http", "ws")}/_aws/execute-api/x/y` },
    { kind: "websocket", url: `${base.replace("http", "ws")}/` },
    { kind: "eventsource", url: `${base}/${bucket}/loot.js` },
    // what would undo the rest
    { kind: "form", enctype: "application/x-www-form-urlencoded", url: `${base}/_ministack/reset`, fields: {} },
    send(`${base}/_ministack/reset`, ""),
  ];
  return attacks.map((attack, id) => ({ id, path: new URL(attack.url).pathname, ...attack }));
}
