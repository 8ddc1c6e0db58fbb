import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { z } from "zod";
import { resultMessageSchema, type ResultMessage } from "../../core/contracts/messages";
import { stackOutputsSchema } from "../../core/contracts/stack-outputs";
import { runCommand, type CommandResult } from "../support/command";
import { writeManySmallFiles, writeOddFiles, writeSmallWordFreqSet, sotuCorpus } from "../support/data-sets";
import { batchFileSchema, expectEqualsReference, readResultFiles } from "../support/result-files";

const MINUTES = 60_000;
jest.setTimeout(5 * MINUTES);

const upSchema = z.object({
  endpoint: z.url(),
  environment: z.object({ AWS_ENDPOINT_URL: z.url(), AWS_REGION: z.string(), AWS_ACCESS_KEY_ID: z.string(), AWS_SECRET_ACCESS_KEY: z.string() }),
});
const statusSchema = z.object({ outputs: stackOutputsSchema });

/** One stack for all tests of this file, kept up by the command itself. */
describe("a local stack that is up", () => {
  let folder: string;
  let up: z.output<typeof upSchema>;
  let outputs: z.output<typeof stackOutputsSchema>;
  let sqs: SQSClient;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-e2e-"));
    await runCommand(["local", "down"]);
    const started = await runCommand(["local", "up", "--json", "--workers", "2"]);
    expect(started).toMatchObject({ exitCode: 0 });
    up = upSchema.parse(JSON.parse(started.stdout));
    const status = await runCommand(["local", "status", "--json"]);
    ({ outputs } = statusSchema.parse(JSON.parse(status.stdout)));
    sqs = new SQSClient(clientSettings());
  });
  afterAll(async () => {
    sqs.destroy();
    expect(await runCommand(["local", "down"])).toMatchObject({ exitCode: 0 });
    await rm(folder, { recursive: true, force: true });
  });

  const clientSettings = () => ({
    endpoint: up.environment.AWS_ENDPOINT_URL,
    region: up.environment.AWS_REGION,
    credentials: { accessKeyId: up.environment.AWS_ACCESS_KEY_ID, secretAccessKey: up.environment.AWS_SECRET_ACCESS_KEY },
  });

  /** Takes messages from the results queue until `done` says that they are all there. */
  const takeMessages = async (done: (messages: readonly ResultMessage[]) => boolean): Promise<ResultMessage[]> => {
    const messages: ResultMessage[] = [];
    do {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl: outputs.results_queue_url, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
      );
      if (Messages.length === 0) continue;
      messages.push(...Messages.map(({ Body = "" }) => resultMessageSchema.parse(JSON.parse(Body))));
      await sqs.send(
        new DeleteMessageBatchCommand({
          QueueUrl: outputs.results_queue_url,
          Entries: Messages.map(({ MessageId: Id, ReceiptHandle }) => ({ Id, ReceiptHandle })),
        }),
      );
    } while (!done(messages));
    return messages;
  };
  const atLeast = (count: number) => (messages: readonly ResultMessage[]) => messages.length >= count;

  const submit = async (...args: string[]): Promise<{ result: CommandResult; batchId: string }> => {
    const result = await runCommand(["submit", ...args, "--watch", "--json", "--out", path.join(folder, "out")]);
    expect(result.stdout.trim().split("\n")).toHaveLength(1);
    return { result, batchId: batchFileSchema.parse(JSON.parse(result.stdout)).batchId };
  };

  const ROUTES = [
    ["batch, fleet", ["--via", "batch", "--route", "fleet"]],
    ["batch, lambda", ["--via", "batch", "--route", "lambda"]],
    ["upload", ["--via", "upload"]],
  ] as const;

  describe.each(ROUTES)("via %s", (name, options) => {
    const viaUpload = name === "upload";

    test("S1.70, S1.79: 120 files become 120 results equal to the reference, 120 acknowledgements and, for a batch, one completion message", async () => {
      const texts = path.join(folder, `wordfreq ${name}`);
      const files = await writeSmallWordFreqSet(texts);
      const { batchId, result } = await submit(texts, ...options);
      expect(result.exitCode).toBe(0);
      const found = await readResultFiles(path.join(folder, "out"), batchId);
      await expectEqualsReference(found, texts, files);
      expect(found.batch.manifestSha256 === null).toBe(viaUpload);
      const messages = await takeMessages(atLeast(files.length + (viaUpload ? 0 : 1)));
      const acknowledged = messages.filter(({ type }) => type === "file-processed");
      expect(acknowledged.map((message) => ("size" in message ? message.size : -1)).sort()).toEqual(files.map(({ bytes }) => bytes).sort());
      expect(new Set(acknowledged.map(({ messageId }) => messageId)).size).toBe(files.length);
      const others = messages.filter(({ type }) => type !== "file-processed");
      expect(others).toMatchObject(viaUpload ? [] : [{ type: "batch-completed", batchId, generation: 1 }]);
    });

    test("O.9, X.: odd names, encodings and contents each end in their stated state, and in exit code 3 for the quarantined", async () => {
      const odd = path.join(folder, `odd ${name}`);
      const files = await writeOddFiles(odd);
      const { batchId, result } = await submit(odd, ...options);
      expect(result.exitCode).toBe(3);
      await expectEqualsReference(await readResultFiles(path.join(folder, "out"), batchId), odd, files);
      const messages = await takeMessages(atLeast(files.length + (viaUpload ? 0 : 1)));
      const counts = (type: string): number => messages.filter((message) => message.type === type).length;
      const expected = (status: string): number => files.filter((file) => file.status === status).length;
      expect([counts("file-processed"), counts("file-skipped"), counts("file-quarantined")]).toEqual([
        expected("processed"),
        expected("skipped"),
        expected("quarantined"),
      ]);
    });
  });

  test("D.3: 1,000 small files in one batch", async () => {
    const many = path.join(folder, "many");
    const files = await writeManySmallFiles(many, 1_000);
    const { batchId, result } = await submit(many, "--route", "fleet");
    expect(result.exitCode).toBe(0);
    await expectEqualsReference(await readResultFiles(path.join(folder, "out"), batchId), many, files);
    const messages = await takeMessages(atLeast(1_001));
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(1);
  });

  test("S1.36, S1.40: any AWS client's object in the processing bucket makes an item and a message", async () => {
    const s3 = new S3Client({ ...clientSettings(), forcePathStyle: true });
    const table = new DynamoDBClient(clientSettings());
    try {
      await s3.send(new PutObjectCommand({ Bucket: outputs.processing_bucket, Key: "any client/ö+1.txt", Body: "hello hello anybody" }));
      const [message] = await takeMessages(atLeast(1));
      const words = [
        { word: "hello", count: 2 },
        { word: "anybody", count: 1 },
      ];
      expect(message).toMatchObject({ type: "file-processed", bucket: outputs.processing_bucket, key: "any client/ö+1.txt", words });
      const { Items = [] } = await table.send(
        new ScanCommand({
          TableName: outputs.results_table,
          FilterExpression: "Filename = :filename",
          ExpressionAttributeValues: { ":filename": { S: `${outputs.processing_bucket}/any client/ö+1.txt` } },
        }),
      );
      expect(Items).toMatchObject([{ Words: { M: { hello: { N: "2" }, anybody: { N: "1" } } } }]);
    } finally {
      s3.destroy();
      table.destroy();
    }
  });

  test("the same request id is the same batch, counted once", async () => {
    const { directory, names } = await sotuCorpus();
    const files = names.slice(0, 3).map((name) => path.join(directory, name));
    const texts = path.join(folder, "request");
    await writeSmallWordFreqSet(texts);
    expect(files).toHaveLength(3);
    const first = await submit(texts, "--request-id", "once", "--route", "fleet");
    const second = await submit(texts, "--request-id", "once", "--route", "fleet");
    expect(second.batchId).toBe(first.batchId);
    const messages = await takeMessages(atLeast(121));
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(1);
    const different = await runCommand(["submit", texts, "--request-id", "once", "--route", "lambda"]);
    expect(different).toMatchObject({ exitCode: 2 });
    expect(different.stderr).toContain("once");
  });
});
