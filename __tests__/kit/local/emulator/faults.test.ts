import path from "node:path";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient, type Message } from "@aws-sdk/client-sqs";
import { FaultOrderError, Faults, hits, type FaultRule } from "../../../../kit/local/emulator/faults";
import { startLocalStack } from "../../../../kit/local";
import type { LocalStack } from "../../../../kit/local";
import { eventually, makeHome, PROJECT_DIRECTORY, removeHome } from "../support/local-home";
import { smallOutputs, smallStackWithout, smallSystem } from "../support/small-stack";

/** Plain SDK calls without the SDK's own retries, so that each fault is seen as it is. */
describe("the emulator's faults", () => {
  let home: string;
  let stack: LocalStack;
  let faults: Faults;
  let s3: S3Client;
  let sqs: SQSClient;
  let dynamodb: DynamoDBClient;
  let QueueUrl: string;

  beforeAll(async () => {
    home = await makeHome();
    const system = await smallSystem(path.join(home, "stack"), smallStackWithout("aws_s3_bucket_notification"));
    stack = await startLocalStack({ projectDirectory: PROJECT_DIRECTORY, homeDirectory: home, systems: [system], processes: {} });
    faults = new Faults(stack.endpoint, stack.controlSecret);
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_ENDPOINT_URL: endpoint, AWS_REGION: region } = stack.environment;
    const credentials = { accessKeyId, secretAccessKey: stack.environment.AWS_SECRET_ACCESS_KEY };
    const settings = { endpoint, region, credentials, maxAttempts: 1 };
    s3 = new S3Client({ ...settings, forcePathStyle: true });
    sqs = new SQSClient(settings);
    dynamodb = new DynamoDBClient(settings);
    QueueUrl = smallOutputs(stack).jobs_queue_url;
  });
  afterEach(async () => {
    await faults.clear();
    for (let found = await receive(); found.length > 0; found = await receive()) for (const message of found) await remove(message);
  });
  afterAll(async () => {
    for (const client of [s3, sqs, dynamodb]) client.destroy();
    await stack.stop();
    await removeHome(home);
  });

  const set = (...rules: FaultRule[]) => faults.set(rules, 1);
  const put = (Key: string, Body = "a body") => s3.send(new PutObjectCommand({ Bucket: "small-data", Key, Body }));
  const get = async (Key: string) => {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: "small-data", Key }));
    return Body?.transformToString();
  };
  const exists = (Key: string) =>
    s3.send(new HeadObjectCommand({ Bucket: "small-data", Key })).then(
      () => true,
      () => false,
    );
  const send = (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  const receive = async (WaitTimeSeconds = 0): Promise<Message[]> =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds }))).Messages ?? [];
  const remove = ({ ReceiptHandle }: Message) => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));

  test("are off until they are ordered", async () => {
    await put("off");
    expect(await get("off")).toBe("a body");
    expect(await faults.counts()).toEqual({});
  });

  test("500, and 503 SlowDown, in S3's words; the call is not carried out; 'next' ends them", async () => {
    await set(
      { kind: "internal-error", operation: "s3:PutObject", next: 1 },
      { kind: "slow-down", operation: "s3:*", matching: "^/small-data/erred$", next: 1 },
    );
    await expect(put("erred")).rejects.toMatchObject({ name: "InternalError", $metadata: { httpStatusCode: 500 } });
    await expect(put("erred")).rejects.toMatchObject({ name: "SlowDown", $metadata: { httpStatusCode: 503 } });
    expect(await exists("erred")).toBe(false);
    await put("erred");
    expect(await faults.counts()).toEqual({ "internal-error": { "s3:PutObject": 1 }, "slow-down": { "s3:PutObject": 1 } });
    const root = "arn:aws:iam::000000000000:root";
    expect(await faults.callers()).toEqual({ "internal-error": { [root]: 1 }, "slow-down": { [root]: 1 } });
  });

  test("500 to a HEAD, 500 and 503 of a JSON service, and DynamoDB's throttling", async () => {
    await set(
      { kind: "internal-error", operation: "s3:HeadObject", next: 1 },
      { kind: "internal-error", operation: "sqs:*", next: 1 },
      { kind: "slow-down", operation: "sqs:SendMessage", next: 1 },
      { kind: "throughput-exceeded", operation: "dynamodb:ListTables", next: 1 },
    );
    await expect(s3.send(new HeadObjectCommand({ Bucket: "small-data", Key: "any" }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 500 },
    });
    await expect(send("erred")).rejects.toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
    await expect(send("erred")).rejects.toMatchObject({ name: "ServiceUnavailable", $metadata: { httpStatusCode: 503 } });
    await expect(dynamodb.send(new ListTablesCommand({}))).rejects.toMatchObject({
      name: "ProvisionedThroughputExceededException",
      $metadata: { httpStatusCode: 400 },
    });
    expect(await dynamodb.send(new ListTablesCommand({}))).toMatchObject({ TableNames: [] });
    expect(await receive()).toEqual([]);
  });

  test("a request that never arrives, and a reply that is lost after the call was carried out", async () => {
    await set({ kind: "drop-request", operation: "s3:PutObject", next: 1 }, { kind: "drop-reply", operation: "s3:PutObject", next: 1 });
    await expect(put("never")).rejects.toThrow(/ECONNRESET|hang up/);
    await expect(put("lost")).rejects.toThrow(/ECONNRESET|hang up/);
    expect([await exists("never"), await exists("lost")]).toEqual([false, true]);
  });

  test("a reply that ends in the middle of an object, and one that comes late", async () => {
    await put("long", "x".repeat(300_000));
    await set({ kind: "cut-reply", operation: "s3:GetObject", next: 1 }, { kind: "delay-reply", operation: "s3:GetObject", seconds: 0.3 });
    await expect(get("long")).rejects.toThrow(/aborted|ECONNRESET/);
    const before = performance.now();
    expect(await get("long")).toHaveLength(300_000);
    expect(performance.now() - before).toBeGreaterThan(290);
  });

  test("only the caller that is meant is hit, and chance follows the seed", async () => {
    await set({ kind: "internal-error", caller: "assumed-role/small-worker" });
    await put("caller");
    expect(await faults.counts()).toEqual({});
    const outcomes = async (seed: number): Promise<boolean[]> => {
      await faults.set([{ kind: "internal-error", operation: "s3:HeadObject", probability: 0.5 }], seed);
      const seen: boolean[] = [];
      for (let call = 0; call < 24; call += 1) seen.push(await exists("caller"));
      expect(hits(await faults.counts(), "internal-error")).toBe(seen.filter((found) => !found).length);
      return seen;
    };
    const first = await outcomes(7);
    expect(new Set(first).size).toBe(2);
    expect(await outcomes(7)).toEqual(first);
    expect(await outcomes(8)).not.toEqual(first);
  });

  test("a message comes twice: same id and body, another receipt, and deleting one leaves the other", async () => {
    await set({ kind: "duplicate-message", matching: "small-jobs", next: 1, seconds: 0 });
    await send("twice");
    const [first] = await receive(1);
    const [second] = await receive(1);
    expect(second).toMatchObject({ MessageId: first?.MessageId, Body: "twice" });
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
    if (first !== undefined) await remove(first);
    if (second !== undefined) await remove(second);
    expect(await receive()).toEqual([]);
    expect(await faults.counts()).toEqual({ "duplicate-message": { "small-jobs": 1 } });
  });

  test("a message comes late, once", async () => {
    await set({ kind: "delay-message", seconds: 0.4 });
    await send("late");
    const before = performance.now();
    expect(await receive()).toEqual([]);
    expect(await receive(5)).toMatchObject([{ Body: "late" }]);
    expect(performance.now() - before).toBeGreaterThan(390);
  });

  test("away: no call is answered, those that wait included, until it is back", async () => {
    const waiting = receive(20).then(
      () => "answered",
      (error: unknown) => String(error),
    );
    // a call that comes later is answered later: the long poll is there
    await exists("nothing");
    await faults.goAway(0.5);
    expect(await waiting).toMatch(/ECONNRESET|hang up/);
    await expect(put("away")).rejects.toThrow(/ECONNRESET|hang up/);
    expect(hits(await faults.counts(), "away")).toBeGreaterThan(0);
    const isBack = () =>
      put("back").then(
        () => true,
        () => false,
      );
    await eventually(isBack);
    expect([await exists("away"), await exists("back")]).toEqual([false, true]);
  });

  test("whoever lacks the stack's secret is refused, and so is a browser, and a rule that is none", async () => {
    const order = async (headers: Record<string, string>): Promise<number> => {
      const body = '{"seed":1,"rules":[{"kind":"internal-error"}]}';
      return (await fetch(`${stack.endpoint}/_filemill/faults`, { method: "PUT", body, headers })).status;
    };
    const secret = { "x-filemill-control": stack.controlSecret };
    expect(await order({})).toBe(403);
    expect(await order({ "x-filemill-control": `${stack.controlSecret.slice(0, -1)}-` })).toBe(403);
    expect(await order({ ...secret, origin: "https://example.com" })).toBe(403);
    await put("not-ordered");
    expect(await order(secret)).toBe(200);
    await expect(put("ordered")).rejects.toMatchObject({ name: "InternalError" });
    await expect(set({ kind: "internal-error", matching: "(" })).rejects.toThrow(FaultOrderError);
  });
});
