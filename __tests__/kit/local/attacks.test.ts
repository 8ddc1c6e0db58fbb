import { createHash } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import path from "node:path";
import { GetBucketLocationCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import fc from "fast-check";
import { startLocalStack } from "../../../kit/local";
import type { LocalStack } from "../../../kit/local";
import { chunkedBody, presignedTarget, SIGNED_CHUNKS, signedHeaders } from "../../support/sign-request";
import type { PlainRequest, Signer, SigningOptions } from "../../support/sign-request";
import { eventually, makeHome, PROJECT_DIRECTORY, removeHome } from "./support/local-home";
import { send, sendBytes } from "./support/raw-request";
import type { Answer } from "./support/raw-request";
import { smallOutputs, smallStackWithout, smallSystem } from "./support/small-stack";

jest.setTimeout(180_000);

let home: string;
let stack: LocalStack;
let port: number;
let host: string;
let root: Signer;
let session: Required<Signer>;
let s3: S3Client;
let sqs: SQSClient;

beforeAll(async () => {
  home = await makeHome();
  const system = await smallSystem(path.join(home, "stack"), smallStackWithout("aws_s3_bucket_notification"));
  stack = await startLocalStack({ projectDirectory: PROJECT_DIRECTORY, homeDirectory: home, systems: [system], processes: {} });
  port = Number(new URL(stack.endpoint).port);
  host = `127.0.0.1:${port}`;
  root = { accessKeyId: stack.environment.AWS_ACCESS_KEY_ID, secretAccessKey: stack.environment.AWS_SECRET_ACCESS_KEY };
  const role = await stack.roleEnvironment(smallOutputs(stack).worker_role_arn);
  session = {
    accessKeyId: role["AWS_ACCESS_KEY_ID"] ?? "",
    secretAccessKey: role["AWS_SECRET_ACCESS_KEY"] ?? "",
    sessionToken: role["AWS_SESSION_TOKEN"] ?? "",
  };
  const settings = { endpoint: stack.endpoint, region: "us-east-1", credentials: root, maxAttempts: 1 };
  s3 = new S3Client({ ...settings, forcePathStyle: true });
  sqs = new SQSClient(settings);
  await s3.send(new PutObjectCommand({ Bucket: "small-data", Key: "secret", Body: "the plan" }));
});
afterAll(async () => {
  s3.destroy();
  sqs.destroy();
  await stack.stop();
  await removeHome(home);
});

/** What an attacker might see or change. */
const state = async (): Promise<unknown> => {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: "small-data" }));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: smallOutputs(stack).jobs_queue_url, AttributeNames: ["All"] }),
  );
  return { objects: Contents.map(({ Key, ETag }) => [Key, ETag]), QueueUrls, Attributes };
};

const JSON_BODY = { "content-type": "application/x-amz-json-1.0" };
const FORM_BODY = { "content-type": "application/x-www-form-urlencoded" };
const plain = (service: string, method: string, target: string, headers: Record<string, string> = {}, body = ""): PlainRequest => ({
  service,
  method,
  target,
  headers,
  body,
});
const sqsCall = (action: string, body: object): PlainRequest =>
  plain("sqs", "POST", "/", { ...JSON_BODY, "x-amz-target": `AmazonSQS.${action}` }, JSON.stringify(body));
const iamCall = (body: string): PlainRequest => plain("iam", "POST", "/", FORM_BODY, body);

/** What is worth asking for. All of it but the last two would be done for root. */
const TARGETS: readonly PlainRequest[] = [
  plain("s3", "GET", "/small-data/secret"),
  plain("s3", "HEAD", "/small-data/secret"),
  plain("s3", "PUT", "/small-data/planted", {}, "evil"),
  plain("s3", "DELETE", "/small-data/secret"),
  plain("s3", "POST", "/small-data?delete", {}, "<Delete><Object><Key>secret</Key></Object></Delete>"),
  plain("s3", "GET", "/"),
  sqsCall("SendMessage", { QueueUrl: "http://127.0.0.1/000000000000/small-jobs", MessageBody: "evil" }),
  sqsCall("ReceiveMessage", { QueueUrl: "http://127.0.0.1/000000000000/small-jobs" }),
  sqsCall("CreateQueue", { QueueName: "planted" }),
  sqsCall("DeleteQueue", { QueueUrl: "http://127.0.0.1/000000000000/small-jobs" }),
  plain(
    "sts",
    "POST",
    "/",
    FORM_BODY,
    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::000000000000:role/small-worker&RoleSessionName=evil",
  ),
  iamCall("Action=CreateUser&Version=2010-05-08&UserName=evil"),
  iamCall("Action=CreateAccessKey&Version=2010-05-08&UserName=evil"),
  plain(
    "lambda",
    "POST",
    "/2015-03-31/functions",
    { "content-type": "application/json" },
    '{"FunctionName":"evil","Runtime":"nodejs20.x","Role":"arn:aws:iam::000000000000:role/small-worker","Handler":"index.handler","Code":{"ZipFile":"UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="}}',
  ),
  plain("lambda", "POST", "/2015-03-31/functions/evil/invocations", { "content-type": "text/plain" }, "{}"),
  plain("dynamodb", "POST", "/", { ...JSON_BODY, "x-amz-target": "DynamoDB_20120810.ListTables" }, "{}"),
];

/** The emulator's own paths, which it serves to anybody when it is alone. */
const INTROSPECTION: readonly (readonly [string, string])[] = [
  ["GET", "/_ministack/health"],
  ["GET", "/_ministack/ready"],
  ["GET", "/_ministack/sqs/messages?QueueUrl=http://127.0.0.1/000000000000/small-jobs"],
  ["GET", "/_ministack/ses/messages"],
  ["GET", "/_ministack/sns/sms-messages"],
  ["GET", "/_ministack/lambda-code/small"],
  ["GET", "/_ministack/lambda-layers/small/1"],
  ["POST", "/_ministack/reset"],
  ["POST", "/_ministack/config"],
  ["POST", "/_ministack/rds/iam-auth"],
  ["POST", "/_ministack/eks-auth/x"],
  ["PUT", "/_ministack/cfn-response/x"],
  ["PUT", "/_ministack/cfn-signal/x"],
  ["GET", "/_localstack/health"],
  ["POST", "/_localstack/state/reset"],
  ["GET", "/_aws/sqs/messages?QueueUrl=http://127.0.0.1/000000000000/small-jobs"],
  ["GET", "/_aws/execute-api/x/y"],
  ["GET", "/_alb/x/"],
  ["GET", "/_filemill/faults"],
  ["PUT", "/_filemill/faults"],
  ["GET", "/health"],
  ["GET", "/v2/"],
  ["POST", "/v2/email/outbound-emails"],
  ["GET", "/latest/meta-data/"],
  ["PUT", "/latest/api/token"],
  ["GET", "/oauth2/token"],
  ["GET", "/.well-known/jwks.json"],
  ["POST", "/Execute"],
  ["POST", "/WriteGetObjectResponse"],
  ["GET", "/iceberg/v1/config"],
  ["GET", "/v20180820/mrap/instances"],
  ["POST", "/graphql"],
];

/** A request as it goes out. */
interface Sent {
  readonly method: string;
  readonly target: string;
  readonly headers: Record<string, string | readonly string[]>;
  readonly body: string;
}
const signed = (request: PlainRequest, signer: Signer = root, options: Partial<SigningOptions> = {}): Sent => ({
  ...request,
  headers: signedHeaders(request, signer, { host, ...options }),
});
const presigned = (request: PlainRequest, signer: Signer = root, options: Partial<SigningOptions> = {}, seconds = 300): Sent => ({
  ...request,
  headers: { ...request.headers, host },
  target: presignedTarget(request, signer, { host, ...options }, seconds),
});
/** Signed well, and with something more. */
const withHeaders = (request: PlainRequest, headers: Record<string, string>): Sent => {
  const good = signed(request);
  return { ...good, headers: { ...good.headers, ...headers } };
};
const changedSignature = (sent: Sent): Sent => ({
  ...sent,
  headers: { ...sent.headers, authorization: String(sent.headers["authorization"]).replace(/.$/, (last) => (last === "0" ? "1" : "0")) },
});
const MINUTE = 60_000;
const ago = (milliseconds: number): Date => new Date(Date.now() - milliseconds);
const derivedByName = (what: string): string => createHash("sha256").update(what).digest("hex");

/** The session that the emulator by itself would make of a function's name: known to whoever knows the name. */
const guessedFunction = (): Signer => {
  const arns = "arn:aws:lambda:us-east-1:000000000000:function:small:arn:aws:iam::000000000000:role/small-worker";
  const digest = derivedByName(arns);
  return {
    accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
    secretAccessKey: derivedByName(`secret:${digest}`),
    sessionToken: derivedByName(`token:${digest}`),
  };
};

const ATTACKS: Readonly<Record<string, (request: PlainRequest) => Sent>> = {
  "not signed": (request) => ({ ...request, headers: { ...request.headers, host } }),
  "not signed, from a browser": (request) => ({
    ...request,
    headers: { ...request.headers, host, origin: "http://evil.example", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
  }),
  "signed by the key 'test'": (request) => signed(request, { accessKeyId: "test", secretAccessKey: "test" }),
  "presigned by the key 'test'": (request) => presigned(request, { accessKeyId: "test", secretAccessKey: "test" }),
  "signed by the account's id": (request) => signed(request, { accessKeyId: "000000000000", secretAccessKey: "test" }),
  "signed by a key that is none": (request) =>
    signed(request, { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: root.secretAccessKey }),
  "signed with another secret": (request) => signed(request, { ...root, secretAccessKey: "f".repeat(40) }),
  "signed with an empty secret": (request) => signed(request, { ...root, secretAccessKey: "" }),
  "signed with what a function's session would be by its name": (request) => signed(request, guessedFunction()),
  "a digit of the signature changed": (request) => changedSignature(signed(request)),
  "signed 16 minutes ago": (request) => signed(request, root, { time: ago(16 * MINUTE) }),
  "signed 16 minutes ahead": (request) => signed(request, root, { time: ago(-16 * MINUTE) }),
  "presigned with rubbish": (request) => ({
    ...request,
    headers: { ...request.headers, host },
    target: `${request.target}${request.target.includes("?") ? "&" : "?"}X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test%2F20260101%2Fus-east-1%2F${request.service}%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=604800&X-Amz-SignedHeaders=host&X-Amz-Signature=00`,
  }),
  "presigned and run out": (request) => presigned(request, root, { time: ago(2 * MINUTE) }, 60),
  "presigned for longer than a week": (request) => presigned(request, root, {}, 604_801),
  "presigned for a time to come": (request) => presigned(request, root, { time: ago(-20 * MINUTE) }),
  "presigned with another secret": (request) => presigned(request, { ...root, secretAccessKey: "f".repeat(40) }),
  "a session without its token": ({ ...request }) => signed(request, { ...session, sessionToken: undefined } as unknown as Signer),
  "a session with another token": (request) => signed(request, { ...session, sessionToken: `${session.sessionToken}x` }),
  "root with a token": (request) => signed(request, { ...root, sessionToken: session.sessionToken }),
  "signed in the old way": (request) => ({
    ...request,
    headers: {
      ...request.headers,
      host,
      date: new Date().toUTCString(),
      authorization: `AWS ${root.accessKeyId}:AAAAAAAAAAAAAAAAAAAAAAAAAAA=`,
    },
  }),
  "presigned in the old way": (request) => ({
    ...request,
    headers: { ...request.headers, host },
    target: `${request.target}${request.target.includes("?") ? "&" : "?"}AWSAccessKeyId=${root.accessKeyId}&Expires=4102444800&Signature=AAAA`,
  }),
  "signed by another algorithm": (request) => {
    const good = signed(request);
    const authorization = String(good.headers["authorization"]).replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256");
    return { ...good, headers: { ...good.headers, authorization } };
  },
  "two keys in one header": (request) => {
    const good = signed(request);
    const authorization = String(good.headers["authorization"]).replace(
      "Credential=",
      "Credential=test/20260101/us-east-1/s3/aws4_request, Credential=",
    );
    return { ...good, headers: { ...good.headers, authorization } };
  },
  "signed twice": (request) => {
    const good = signed(request);
    return { ...good, headers: { ...good.headers, authorization: [String(good.headers["authorization"]), "AWS test:test"] } };
  },
  "signed and presigned": (request) => ({ ...presigned(request), headers: signed(request).headers }),
  "signed, and with an old key in its query": (request) =>
    signed({ ...request, target: `${request.target}${request.target.includes("?") ? "&" : "?"}AWSAccessKeyId=test` }),
  "the Host not signed": (request) => signed(request, root, { unsigned: ["host"] }),
  "an x-amz- header that is not signed": (request) => withHeaders(request, { "x-amz-meta-more": "evil" }),
  "another method": (request) => ({ ...signed(request), method: request.method === "GET" ? "DELETE" : "GET" }),
  "another path": (request) => ({ ...signed(request), target: request.target.replace("/", "/x") }),
  "one more query parameter": (request) => ({
    ...signed(request),
    target: `${request.target}${request.target.includes("?") ? "&" : "?"}acl=`,
  }),
  "another body": (request) => ({
    ...signed({ ...request, body: `${request.body}x` }),
    body: request.body === "" ? "y" : request.body.toUpperCase(),
  }),
  "for a service that no stack has": (request) => signed({ ...request, service: "codebuild" }),
  ...Object.fromEntries(
    [
      "evil.example",
      "127.0.0.1",
      "localhost",
      "127.0.0.1.nip.io:PORT",
      "localhost.:PORT",
      "[::1]:PORT",
      "0.0.0.0:PORT",
      "127.1:PORT",
      "2130706433:PORT",
      "127.0.0.1:1",
      "evil@127.0.0.1:PORT",
      "",
    ].map((name) => [
      `signed for the Host '${name}'`,
      (request: PlainRequest) => signed(request, root, { host: name.replace("PORT", String(port)) }),
    ]),
  ),
  ...Object.fromEntries(
    [
      { origin: "http://evil.example" },
      { origin: "null" },
      { origin: "http://127.0.0.1" },
      ...["cross-site", "same-site", "same-origin"].map((site) => ({ "sec-fetch-site": site })),
      ...["no-cors", "navigate", "websocket", "same-origin"].map((mode) => ({ "sec-fetch-mode": mode })),
      { "sec-fetch-site": "none", "sec-fetch-mode": "cors" },
    ].map((headers) => [`signed, but from a page: ${JSON.stringify(headers)}`, (request: PlainRequest) => withHeaders(request, headers)]),
  ),
};

const deliver = ({ method, target, headers, body }: Sent): Promise<Answer> => send(port, method, target, headers, body);

describe("who is not let in", () => {
  let calls: Record<string, number>;
  beforeAll(async () => {
    calls = await countedCalls();
  });
  test.each(Object.entries(ATTACKS))(
    "%s: refused for every service, with a reason and nothing that a page could read",
    async (_name, attack) => {
      const before = await state();
      for (const request of TARGETS) {
        const sent = attack(request);
        const { status, headers, body } = await deliver(sent);
        expect([request.target, request.method, status]).toEqual([request.target, request.method, 403]);
        expect(Object.keys(headers).filter((name) => name.startsWith("access-control-"))).toEqual([]);
        expect(body).toMatch(sent.method === "HEAD" ? /^$/ : /(<Message>|"message": ")[^<"]+/);
      }
      expect(await state()).toEqual(before);
    },
  );

  test("preflights are refused, whatever they ask for", async () => {
    for (const { target, service } of TARGETS) {
      const asked = { "access-control-request-method": "PUT", "access-control-request-headers": "authorization" };
      for (const headers of [
        { host },
        { host, origin: "http://evil.example", ...asked },
        signed(plain(service, "OPTIONS", target)).headers,
      ]) {
        const answer = await send(port, "OPTIONS", target, headers);
        expect([target, answer.status, answer.headers["access-control-allow-origin"]]).toEqual([target, 403, undefined]);
      }
    }
  });

  test("a WebSocket is not opened, nor is HTTP/2 a way round", async () => {
    const upgrade = [
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
    ];
    for (const target of ["/", "/_aws/execute-api/x/y", "/small-data/secret"]) {
      const lines = [`GET ${target} HTTP/1.1`, `Host: ${host}`, ...upgrade, "", ""];
      expect(await sendBytes(port, lines.join("\r\n"))).toMatch(/^HTTP\/1\.1 403/);
    }
    const client = connectHttp2(stack.endpoint);
    const status = await new Promise((resolve, reject) => {
      client.on("error", reject);
      client.request({ ":path": "/small-data/secret" }).on("response", ({ ":status": code }) => {
        resolve(code);
      });
    });
    client.destroy();
    expect(status).toBe(403);
  });

  test.each([
    ["two Hosts", "GET /small-data/secret HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT\r\n\r\n"],
    ["no Host", "GET /small-data/secret HTTP/1.0\r\n\r\n"],
    ["a whole address as its target", "GET http://127.0.0.1:PORT/_ministack/health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"],
    ["an address in another's name", "GET http://evil.example/ HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"],
    ["dots in its path", "GET /small-data/../_ministack/health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"],
    ["an encoded path", "GET /%5Fministack/health HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\n\r\n"],
    [
      "the length of its body twice",
      "POST / HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a name with a blank", "GET / HTTP/1.1\r\nHost : 127.0.0.1:PORT\r\n\r\n"],
  ])("a request with %s is refused", async (_what, bytes) => {
    expect(await sendBytes(port, bytes.replaceAll("PORT", String(port)))).toMatch(/^HTTP\/1\.1 (400|403)/);
  });

  // the last one: what is counted came through
  test("none of all that reached the emulator", async () => {
    expect(calls).toMatchObject({ "s3:PutObject": 1, "sts:AssumeRole": 1 });
    expect(await countedCalls()).toEqual(calls);
  });
});

describe("the emulator's own paths", () => {
  test.each(INTROSPECTION)("%s %s answers nobody", async (method, target) => {
    const before = await state();
    const request = plain("s3", method, target);
    for (const sent of [ATTACKS["not signed"]?.(request), ATTACKS["signed by the key 'test'"]?.(request)]) {
      expect(sent === undefined ? 0 : (await deliver(sent)).status).toBe(403);
    }
    // not even root, for which they are names of buckets or of nothing
    for (const service of ["s3", "sqs", "lambda", "ec2"]) {
      const { status, body } = await deliver(signed({ ...request, service }));
      expect([service, status >= 400]).toEqual([service, true]);
      expect(body).not.toMatch(/ministack|localstack|"services"|instance-id|small-jobs.*MessageId/i);
    }
    expect(await state()).toEqual(before);
  });
});

/** What came through so far but for what `state` reads: the emulator counts with a delay, but in order. */
async function countedCalls(): Promise<Record<string, number>> {
  const before = stack.calls()["s3:GetBucketLocation"] ?? 0;
  await s3.send(new GetBucketLocationCommand({ Bucket: "small-data" }));
  await eventually(() => stack.calls()["s3:GetBucketLocation"] === before + 1);
  const own = ["s3:GetBucketLocation", "s3:ListObjectsV2", "sqs:ListQueues", "sqs:GetQueueAttributes"];
  return Object.fromEntries(Object.entries(stack.calls()).filter(([name]) => !own.includes(name)));
}

describe("who is let in", () => {
  const GET = plain("s3", "GET", "/small-data/secret");

  test("root and a role's session, signed or presigned, by either name of this machine", async () => {
    for (const name of [host, `localhost:${port}`]) {
      for (const signer of [root, session]) {
        expect(await deliver(signed(GET, signer, { host: name }))).toMatchObject({ status: 200, body: "the plan" });
        const { method, target, body } = presigned(GET, signer, { host: name });
        expect(await send(port, method, target, { host: name }, body)).toMatchObject({ status: 200, body: "the plan" });
      }
    }
  });

  test("every target above, so that what was refused would have been done", async () => {
    const before = await state();
    for (const request of TARGETS.filter(({ method }) => method === "GET" || method === "HEAD")) {
      expect([request.target, (await deliver(signed(request))).status]).toEqual([request.target, 200]);
    }
    expect((await deliver(signed(sqsCall("CreateQueue", { QueueName: "planted" })))).status).toBe(200);
    expect(await state()).not.toEqual(before);
  });

  test("14 minutes of another clock, and the fetch of Node, which says 'cors' and no more", async () => {
    for (const time of [ago(14 * MINUTE), ago(-14 * MINUTE)]) expect((await deliver(signed(GET, root, { time }))).status).toBe(200);
    const answer = await fetch(`${stack.endpoint}${GET.target}`, { headers: signedHeaders(GET, root, { host }) });
    expect([answer.status, await answer.text()]).toEqual([200, "the plan"]);
    // a presigned address that a person pastes into a browser
    expect((await deliver({ ...presigned(GET), headers: { host, "sec-fetch-site": "none", "sec-fetch-mode": "navigate" } })).status).toBe(
      200,
    );
  });

  test("a body in signed chunks, unless one of them is another", async () => {
    const put = plain("s3", "PUT", "/small-data/chunks", { "content-encoding": "aws-chunked", "x-amz-decoded-content-length": "8" });
    const sent = (chunks: readonly string[], change: (body: string) => string = (body) => body): Promise<Answer> => {
      const headers = signedHeaders(put, root, { host, payload: SIGNED_CHUNKS });
      return deliver({ ...put, headers, body: change(chunkedBody(chunks, root, headers)) });
    };
    expect((await sent(["one ", "two."])).status).toBe(200);
    expect((await deliver(signed(plain("s3", "GET", "/small-data/chunks")))).body).toBe("one two.");
    const wrong: ((body: string) => string)[] = [
      (body) => body.replace("two", "six"),
      (body) => body.replace(/chunk-signature=./, "chunk-signature=g"),
      (body) => body.replace(/(signature=[0-9a-f]{63}).(\r\nt)/, (_all, before: string, after: string) => `${before}x${after}`),
      (body) => body.split("\r\n").slice(2).join("\r\n"),
      (body) => body.slice(0, -30),
      (body) => `${body}more`,
    ];
    for (const change of wrong) expect((await sent(["one ", "two."], change)).status).toBe(403);
  });

  test("whatever an SDK signs: odd keys, queries and metadata", async () => {
    const odd = ["a b+c", "ü/é", "%41", "a//b", "./x", "../x", "~!$&'()*,;=:@", "日本", "x?y#z", "tab\tx", " lead", "trail ", "a\u00a0b"];
    const get = async (Key: string): Promise<string | undefined> => {
      await s3.send(new PutObjectCommand({ Bucket: "small-data", Key, Body: Key, Metadata: { more: "a  b   c" } }));
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: "small-data", Key, ResponseContentType: "text/x+y z;é=1" }));
      return Body?.transformToString();
    };
    for (const key of odd) expect(await get(key)).toBe(key);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", minLength: 1, maxLength: 40 }), async (key) => {
        expect(await get(key)).toBe(key);
      }),
      { numRuns: 60 },
    );
  });
});
