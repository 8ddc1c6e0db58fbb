import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, PurgeQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { isDoubtful } from "../../workloads/word-count/results";
import { resultWords } from "../support/word-count";
import { chunkLineSchema } from "../../systems/batch/contracts/batch";
import { chunkJobSchema } from "../../systems/batch/contracts/messages";
import { generationPrefix } from "../../systems/batch/contracts/state-keys";
import { jsonOf } from "../../kit/lib/json-of";
import { hits } from "../../kit/local/emulator/faults";
import { StackProcesses } from "../support/chaos/stack-processes";
import { testHome } from "../support/command";
import { writeWordFreqSet } from "../support/data-sets";
import { limitDecompression } from "../support/decompression-limit";
import {
  HOSTILE_FILES,
  hostileChunks,
  hostileJobs,
  TEST_DECOMPRESSION_LIMIT_MIB,
  type HostileMessage,
  type MessageOutcome,
} from "../support/hostile-corpus";
import { LocalSynthesis } from "../support/permissions";
import { readResultFiles } from "../support/result-files";
import { eventually } from "../kit/local/support/local-home";
import { ROUTES, UpStack } from "../support/up-stack";

const HOME = testHome("hostile");
const FOREIGN_BUCKET = "somebody-elses-bucket";
/** Messages that say nothing sensible need no second look. */
const SETTLED_WITHIN_MILLISECONDS = 300_000;

describe("hostile input ends in its stated outcome and stops no worker (docs/hostile-input.md)", () => {
  const processes = new StackProcesses(HOME);
  let folder: string;
  let out: string;
  let stack: UpStack;
  let s3: S3Client;
  let sqs: SQSClient;
  let workers: number[];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-hostile-"));
    out = path.join(folder, "out");
    const synthesis = new LocalSynthesis();
    try {
      stack = await synthesis.withCopy(limitDecompression(TEST_DECOMPRESSION_LIMIT_MIB), (file) =>
        UpStack.start(HOME, "--stack-file", file),
      );
    } finally {
      synthesis.remove();
    }
    s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    sqs = new SQSClient(stack.clientSettings);
    workers = await processes.workers();
  });
  afterEach(async () => {
    expect(workers).toHaveLength(2);
    expect(await processes.workers()).toEqual(workers);
  });
  afterAll(async () => {
    s3.destroy();
    sqs.destroy();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROUTES)("files via $name", async ({ name, options, viaUpload }) => {
    const files = path.join(folder, `files ${name}`);
    await mkdir(files);
    for (const each of HOSTILE_FILES) await writeFile(path.join(files, each.name), each.content);
    // the corpus is what a worker may be given: its archives go to it as they are
    const { batchId } = await stack.submit(out, files, "--keep-archives", ...options);
    const { lines } = await readResultFiles(out, batchId);
    const found = lines.map(({ filename, reason, result, status }) => {
      const counted = status === "processed" ? resultWords(result) : undefined;
      return {
        filename,
        status,
        ...(counted !== undefined && isDoubtful(counted) && { doubtful: true }),
        ...(reason && { reason }),
        words: (counted?.words ?? []).map(({ word }) => word),
      };
    });
    const expected = HOSTILE_FILES.map(({ name: filename, outcome }) => ({ filename, words: [], ...outcome }));
    expect(found.sort(byFilename)).toEqual(expected.sort(byFilename));
    await stack.takeMessages(HOSTILE_FILES.length + (viaUpload ? 0 : 1));
  });

  test("messages on wordfreq-jobs", async () => {
    await s3.send(new CreateBucketCommand({ Bucket: FOREIGN_BUCKET }));
    await s3.send(new PutObjectCommand({ Bucket: FOREIGN_BUCKET, Key: "foreign.txt", Body: "hello" }));
    const messages = hostileJobs({ processingBucket: stack.outputs.processing_bucket, foreignBucket: FOREIGN_BUCKET });
    const { jobs_dead_letters_url, jobs_queue_url } = stack.outputs;
    await sendAll(jobs_queue_url, messages);
    expect(await deadLetters(jobs_dead_letters_url)).toEqual(bodiesOf(messages, "dead-letter queue"));
    const acknowledged = await stack.takeMessages(2);
    expect(acknowledged.map((message) => [message.type, "reason" in message ? message.reason : ""]).sort()).toEqual([
      ["file-quarantined", "access-denied"],
      ["file-quarantined", "missing"],
    ]);
  });

  test("messages on wordfreq-chunks", async () => {
    const texts = path.join(folder, "sample");
    await writeWordFreqSet(texts, { files: 3, totalBytes: 3_000 });
    const { batchId } = await stack.submit(out, texts, "--route", "fleet");
    await stack.takeMessages(4);
    const { chunks_dead_letters_url, chunks_queue_url, state_bucket: Bucket } = stack.outputs;
    const ref = { batchId, generation: 1 };
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: generationPrefix(ref) }));
    const [Key] = Contents.flatMap(({ Key: key = "" }) => (path.posix.basename(key) === "chunks.jsonl" ? [key] : []));
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    const chunk = chunkLineSchema.parse(JSON.parse((await Body?.transformToString()) ?? ""));
    const messages = hostileChunks({ ...ref, chunk });
    await sendAll(chunks_queue_url, messages);
    const dead = await deadLetters(chunks_dead_letters_url);
    expect(dead.map(withoutProblem).sort()).toEqual(bodiesOf(messages, "dead-letter queue").map(withoutProblem).sort());
    // what does not fit the plan says so, and so is not taken for the chunk that it names
    expect(dead.filter((body) => body.includes('"problem":')).length).toBe(2);
    // nobody was harmed: the batch's result stands, and another batch goes through
    const again = await stack.submit(out, texts, "--route", "fleet");
    expect(again.result.exitCode).toBe(0);
    await sqs.send(new PurgeQueueCommand({ QueueUrl: stack.outputs.results_queue_url }));
  });

  test("objects deleted and replaced after planning are quarantined as missing and changed", async () => {
    const { faults } = stack;
    const Bucket = stack.outputs.uploading_bucket;
    const put = (name: string, Body: string) => s3.send(new PutObjectCommand({ Bucket, Key: `changing/${name}`, Body }));
    for (const number of [1, 2, 3, 4, 5]) await put(`${String(number)}.txt`, "hello world");
    // the plan is made, and no worker has the chunk yet
    await faults.set([{ kind: "delay-message", matching: "-chunks$", seconds: 3 }], 1);
    const submission = stack.submit(out, `s3://${Bucket}/changing/`, "--route", "fleet");
    await eventually(async () => hits(await faults.counts(), "delay-message") > 0);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: "changing/2.txt" }));
    await put("4.txt", "other words");
    const { batchId, result } = await submission;
    await faults.clear();
    expect(result.exitCode).toBe(3);
    const { lines } = await readResultFiles(out, batchId);
    expect(lines.map(({ filename, reason, status }) => [filename, status, reason])).toEqual([
      ["1.txt", "processed", undefined],
      ["2.txt", "quarantined", "missing"],
      ["3.txt", "processed", undefined],
      ["4.txt", "quarantined", "changed"],
      ["5.txt", "processed", undefined],
    ]);
  });

  async function sendAll(QueueUrl: string, messages: readonly HostileMessage[]): Promise<void> {
    for (const { body: MessageBody } of messages) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    const deadline = performance.now() + SETTLED_WITHIN_MILLISECONDS;
    // what is still there then is retried without end, and the comparison below tells which
    await eventually(async () => (await depthOf(QueueUrl)) === 0 || performance.now() > deadline);
  }

  /** Waiting and in work. */
  async function depthOf(QueueUrl: string): Promise<number> {
    const AttributeNames = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }));
    return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0);
  }

  async function deadLetters(QueueUrl: string): Promise<string[]> {
    const bodies: string[] = [];
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 600 }));
      if (Messages.length === 0) return bodies.sort();
      bodies.push(...Messages.map(({ Body = "" }) => Body));
    }
  }
});

const bodiesOf = (messages: readonly HostileMessage[], wanted: MessageOutcome): string[] =>
  messages
    .filter(({ outcome }) => outcome === wanted)
    .map(({ body }) => body)
    .sort();

/** A body in one order of its fields, and without what a slot has added. */
function withoutProblem(body: string): string {
  const parsed = chunkJobSchema.safeParse(jsonOf(body));
  return parsed.success ? JSON.stringify(parsed.data) : body;
}

const byFilename = (left: { filename: string }, right: { filename: string }): number =>
  Buffer.compare(Buffer.from(left.filename), Buffer.from(right.filename));
