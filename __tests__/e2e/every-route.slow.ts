import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { CreateBucketCommand, HeadObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import iconv from "iconv-lite";
import { z } from "zod";
import type { FileResult } from "../../systems/batch/contracts/files";
import { eventually } from "../kit/local/support/local-home";
import { runCommand, testHome } from "../support/command";
import { parse } from "../support/csv";
import { writeSmallWordFreqSet } from "../support/data-sets";
import { referenceCount } from "../support/reference";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { ROUTES, UpStack } from "../support/up-stack";
import { resultWords, totalWords } from "../support/word-count";

const HOME = testHome("routes");
const logLine = z.looseObject({ level: z.string(), message: z.string() });

/** `files` and `results --format csv --all` of a batch, as everybody runs them: what results.jsonl and the reference say. */
async function expectListsEqualReference(batchId: string, folder: string, lines: readonly FileResult[]): Promise<void> {
  const files = parse((await runCommand(HOME, ["files", batchId, "--format", "csv"])).stdout);
  const column = (name: string) => files.records.map((record) => record[files.header.indexOf(name)]);
  expect(column("filename")).toEqual(lines.map(({ filename }) => filename));
  expect(column("totalWords")).toEqual(lines.map(({ result }) => String(resultWords(result).totalWords)));
  const words = parse((await runCommand(HOME, ["results", batchId, "--format", "csv", "--all"])).stdout);
  const texts = await Promise.all(lines.map(({ filename }) => readFile(path.join(folder, filename), "utf8")));
  const expected = referenceCount(texts).counts.toSorted((a, b) => b.count - a.count);
  expect(words).toEqual({ header: ["word", "count"], records: expected.map(({ word, count }) => [word, String(count)]) });
}

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

  test("what a worker has to say of an error is in CloudWatch Logs, with its start, while it goes on working", async () => {
    const sqs = new SQSClient(stack.clientSettings);
    const logs = new CloudWatchLogsClient(stack.clientSettings);
    await sqs.send(new SendMessageCommand({ QueueUrl: stack.outputs.jobs_queue_url, MessageBody: "not a job" }));
    const told = async (): Promise<z.output<typeof logLine>[]> => {
      const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: stack.outputs.worker_log_group }));
      return events.map(({ message = "" }) => logLine.parse(JSON.parse(message)));
    };
    let lines = await told();
    const of = (event: string): number => lines.filter(({ message }) => message === event).length;
    // each of the two workers delivers its own
    await eventually(async () => {
      lines = await told();
      return of("message_unreadable") > 0 && of("worker_started") >= 2;
    });
    expect(of("worker_started")).toBe(2);
    expect(lines.filter(({ level, message }) => level === "INFO" && message !== "worker_started")).toEqual([]);
    logs.destroy();
    sqs.destroy();
  });

  describe.each(ROUTES)("via $name", ({ name, options, viaUpload }) => {
    test("S0.2, S0.3, S0.17, S1.35, S1.70, S1.75, S1.78, S1.79, C.1, C.3: 120 files become 120 results equal to the reference, 120 acknowledgements and, for a batch, one completion message", async () => {
      const texts = path.join(folder, `wordfreq ${name}`);
      const files = await writeSmallWordFreqSet(texts);
      const startedAt = performance.now();
      const { batchId, result } = await stack.submit(out, texts, ...options);
      expect(result.exitCode).toBe(0);
      const found = await readResultFiles(out, batchId);
      await expectEqualsReference(found, texts, files);
      expect(found.batch.manifestSha256 === null).toBe(viaUpload);
      // S1.90: known on each path, and within the time that passed
      expect(found.batch.seconds).toBeGreaterThan(0);
      expect(found.batch.seconds).toBeLessThan((performance.now() - startedAt) / 1_000);
      const messages = await stack.takeMessages(files.length + (viaUpload ? 0 : 1));
      const acknowledged = messages.filter(({ type }) => type === "file-processed");
      expect(acknowledged.map((message) => ("size" in message ? message.size : -1)).sort()).toEqual(files.map(({ bytes }) => bytes).sort());
      expect(new Set(acknowledged.map(({ messageId }) => messageId)).size).toBe(files.length);
      const others = messages.filter(({ type }) => type !== "file-processed");
      expect(others).toHaveLength(viaUpload ? 0 : 1);
      expect(others).toMatchObject(viaUpload ? [] : [{ type: "batch-completed", batchId, generation: 1 }]);
      // a run of the upload path is no batch, whose files could be listed
      if (!viaUpload) await expectListsEqualReference(batchId, texts, found.lines);
    });

    test("files in another encoding have their words when it is said, and the command says which files look like it when it is not", async () => {
      const texts = path.join(folder, `latin ${name}`);
      const text = "Die Größe der Straße ist übermäßig, sagte er. It’s in his œuvre. ".repeat(20);
      const bytes = iconv.encode(text, "windows-1252");
      await mkdir(texts);
      await writeFile(path.join(texts, "plain.txt"), bytes);
      await writeFile(path.join(texts, "packed"), gzipSync(bytes));

      const said = await stack.submit(out, texts, ...options, "--encoding", "cp1252");
      expect(said.result.exitCode).toBe(0);
      expect(said.result.stderr).not.toContain("doubtful");
      const { totalWords, distinctWords, overlongWords, words } = referenceCount(text);
      const result = {
        encoding: "windows-1252",
        textBytes: bytes.length,
        invalidBytes: 0,
        totalWords,
        distinctWords,
        overlongWords,
        words,
      };
      const line = { result };
      const { batch, lines } = await readResultFiles(out, said.batchId);
      expect(lines).toMatchObject([line, line]);
      expect(batch).toMatchObject({ result: { totalWords: 2 * totalWords, invalidBytes: 0, doubtfulFiles: 0 } });
      const acknowledged = (await stack.takeMessages(viaUpload ? 2 : 3)).filter(({ type }) => type === "file-processed");
      expect(acknowledged).toMatchObject([line, line]);
      // single files are sealed by nobody: there is no receipt to verify
      const verified = viaUpload ? undefined : await runCommand(HOME, ["verify", said.batchId, "--recount", "2", "--json"]);
      expect(verified?.stdout ?? '"holds":true').toContain('"holds":true');

      const unsaid = await stack.submit(out, texts, ...options);
      expect(unsaid.result.exitCode).toBe(0);
      expect((await readResultFiles(out, unsaid.batchId)).batch).toMatchObject({ result: { doubtfulFiles: 2 } });
      for (const file of ["plain.txt", "packed"]) {
        expect(unsaid.result.stderr).toMatch(new RegExp(`doubtful: ${file} \\(.*; it looks like windows-1252\\)`));
      }
      await stack.takeMessages(viaUpload ? 2 : 3);
    });
  });

  test("S0.4, S1.29, S1.36, S1.40, S1.80: any AWS client's object in the processing bucket makes an item and a message", async () => {
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
      expect(messages).toMatchObject([{ type: "file-processed", bucket: Bucket, key: "any client/ö+1.txt", result: { words } }]);
      const { Item } = await table.send(new GetItemCommand({ TableName, Key: { Filename: { S: `${Bucket}/any client/ö+1.txt` } } }));
      expect(Item).toMatchObject({ Words: { M: { hello: { N: "2" }, anybody: { N: "1" } } } });
    } finally {
      s3.destroy();
      table.destroy();
    }
  });

  test("Content-Encoding says nothing: gzip is what begins like it, with and without; plain bytes that are called gzip are text", async () => {
    const s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    try {
      const { uploading_bucket: Bucket } = stack.outputs;
      const put = (name: string, Body: Uint8Array | string, ContentEncoding?: string) =>
        s3.send(new PutObjectCommand({ Bucket, Key: `encoded/${name}`, Body, ContentEncoding }));
      const text = "hello hello anybody";
      await put("packed", gzipSync(text), "gzip");
      await put("packed-unsaid", gzipSync(text));
      await put("plain", text, "gzip");
      const { batchId, result } = await stack.submit(out, `s3://${Bucket}/encoded/`);
      expect(result.exitCode).toBe(0);
      const { lines } = await readResultFiles(out, batchId);
      const found = lines.map(({ filename, result }) => ({ filename, ...resultWords(result) }));
      expect(found.map(({ filename, textBytes, totalWords: total }) => [filename, textBytes, total])).toEqual([
        ["packed", text.length, 3],
        ["packed-unsaid", text.length, 3],
        ["plain", text.length, 3],
      ]);
      await stack.takeMessages(4);
    } finally {
      s3.destroy();
    }
  });

  test("S1.73, S1.90: objects are copied from bucket to bucket, with what they say of their content, and counted as the reference does", async () => {
    const s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    try {
      // no bucket of the stack
      const Bucket = "somebody-elses-texts";
      await s3.send(new CreateBucketCommand({ Bucket }));
      const texts = path.join(folder, "load");
      const contents = {
        "a b.txt": "delta words delta again",
        "packed.txt": "hello hello anybody",
        "ü/größe+%2F.txt": "Größe über alles größe",
      };
      for (const [name, text] of Object.entries(contents)) {
        await mkdir(path.dirname(path.join(texts, name)), { recursive: true });
        await writeFile(path.join(texts, name), text);
        const isPacked = name.startsWith("packed");
        await s3.send(
          new PutObjectCommand({
            Bucket,
            Key: `load/${name}`,
            Body: isPacked ? gzipSync(text) : text,
            ...(isPacked ? { ContentEncoding: "gzip", ContentType: "text/plain" } : {}),
            Metadata: { top: "1", owner: "somebody" },
          }),
        );
      }
      await s3.send(new PutObjectCommand({ Bucket, Key: "load/left out.csv", Body: "left" }));
      const { batchId, result } = await stack.submit(out, `s3://${Bucket}/load/`, "--via", "upload", "--exclude", "*.csv");
      expect({ exitCode: result.exitCode, stderr: result.exitCode === 0 ? "" : result.stderr }).toEqual({ exitCode: 0, stderr: "" });
      const { batch, lines } = await readResultFiles(out, batchId);
      const expected = Object.entries(contents).map(([filename, text]) => {
        const { distinctWords, totalWords: total, words } = referenceCount(text);
        return { filename, status: "processed", result: { distinctWords, totalWords: total, words } };
      });
      expect(lines).toMatchObject(expected);
      expect(totalWords(batch.result).words).toEqual(referenceCount(Object.values(contents).join("\n")).words);
      expect(batch.seconds).toBeGreaterThan(0);
      // when the command says that it is over, all acknowledgements are made
      expect(await stack.takeMessages(3)).toHaveLength(3);
      const { processing_bucket: processing, uploading_bucket: uploading } = stack.outputs;
      for (const copy of [uploading, processing]) {
        const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: copy, Prefix: `uploads/${batchId}/` }));
        expect(Contents.map(({ Key }) => Key)).toEqual(Object.keys(contents).map((name) => `uploads/${batchId}/${name}`));
        const head = await s3.send(new HeadObjectCommand({ Bucket: copy, Key: `uploads/${batchId}/packed.txt` }));
        expect(head).toMatchObject({
          ContentEncoding: "gzip",
          ContentType: "text/plain",
          Metadata: { top: "10", "filemill-run": batchId },
        });
        expect(head.Metadata).not.toHaveProperty("owner");
      }
    } finally {
      s3.destroy();
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
