import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { runCommand, testHome } from "../support/command";
import { writeSmallWordFreqSet } from "../support/data-sets";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { ROUTES, UpStack } from "../support/up-stack";

const HOME = testHome("routes");

/** One stack for all tests of this file, kept up by the command itself. Odd files and many of them: `routes.slow.ts`. */
describe("a local stack that is up", () => {
  let folder: string;
  let out: string;
  let stack: UpStack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-e2e-"));
    out = path.join(folder, "out");
    stack = await UpStack.start(HOME);
  });
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  describe.each(ROUTES)("via $name", ({ name, options, viaUpload }) => {
    test("S1.70, S1.79, C.3: 120 files become 120 results equal to the reference, 120 acknowledgements and, for a batch, one completion message", async () => {
      const texts = path.join(folder, `wordfreq ${name}`);
      const files = await writeSmallWordFreqSet(texts);
      const { batchId, result } = await stack.submit(out, texts, ...options);
      expect(result.exitCode).toBe(0);
      const found = await readResultFiles(out, batchId);
      await expectEqualsReference(found, texts, files);
      expect(found.batch.manifestSha256 === null).toBe(viaUpload);
      const messages = await stack.takeMessages(files.length + (viaUpload ? 0 : 1));
      const acknowledged = messages.filter(({ type }) => type === "file-processed");
      expect(acknowledged.map((message) => ("size" in message ? message.size : -1)).sort()).toEqual(files.map(({ bytes }) => bytes).sort());
      expect(new Set(acknowledged.map(({ messageId }) => messageId)).size).toBe(files.length);
      const others = messages.filter(({ type }) => type !== "file-processed");
      expect(others).toHaveLength(viaUpload ? 0 : 1);
      expect(others).toMatchObject(viaUpload ? [] : [{ type: "batch-completed", batchId, generation: 1 }]);
    });
  });

  test("S1.36, S1.40, S1.80: any AWS client's object in the processing bucket makes an item and a message", async () => {
    const s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    const table = new DynamoDBClient(stack.clientSettings);
    try {
      const { processing_bucket: Bucket, results_table: TableName } = stack.outputs;
      await s3.send(new PutObjectCommand({ Bucket, Key: "any client/ö+1.txt", Body: "hello hello anybody" }));
      const messages = await stack.takeMessages(1);
      const words = [
        { word: "hello", count: 2 },
        { word: "anybody", count: 1 },
      ];
      expect(messages).toMatchObject([{ type: "file-processed", bucket: Bucket, key: "any client/ö+1.txt", words }]);
      const { Item } = await table.send(new GetItemCommand({ TableName, Key: { Filename: { S: `${Bucket}/any client/ö+1.txt` } } }));
      expect(Item).toMatchObject({ Words: { M: { hello: { N: "2" }, anybody: { N: "1" } } } });
    } finally {
      s3.destroy();
      table.destroy();
    }
  });

  test("the same request id is the same batch, counted once; the same id for something else is refused", async () => {
    const texts = path.join(folder, "request");
    await writeSmallWordFreqSet(texts);
    const first = await stack.submit(out, texts, "--request-id", "once", "--route", "fleet");
    const second = await stack.submit(out, texts, "--request-id", "once", "--route", "fleet");
    expect(second.batchId).toBe(first.batchId);
    const messages = await stack.takeMessages(121);
    expect(messages).toHaveLength(121);
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(1);
    const different = await runCommand(HOME, ["submit", texts, "--request-id", "once", "--route", "lambda"]);
    expect(different).toMatchObject({ exitCode: 2 });
    expect(different.stderr).toContain("once");
  });
});
