import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DeleteObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { GetQueueAttributesCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connect } from "../../systems/batch/cli/connect";
import type { Services } from "../../systems/batch/cli/services";
import type { GenerationRef } from "../../systems/batch/contracts/batch";
import type { GenerationRecord } from "../../systems/batch/contracts/ledger-rows";
import type { ResultMessage } from "../../systems/batch/contracts/messages";
import { readBatchProgress } from "../../systems/batch/core/results/batch-progress";
import { eventually } from "../kit/local/support/local-home";
import { StackProcesses } from "../support/chaos/stack-processes";
import { printedError, runCommand, testHome, type CommandResult } from "../support/command";
import { writeManySmallFiles, writeWordFreqSet } from "../support/data-sets";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { UpStack } from "../support/up-stack";

const HOME = testHome("operations");

const TEXT = "Filemill counts every word of every file that is whole. ";

/** What an operator does with batches that did not go well, by the command alone, on one stack that is up. */
describe("operations on a local stack", () => {
  let folder: string;
  let stack: UpStack;
  let services: Services;
  const workers = new StackProcesses(HOME);

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-operations-"));
    stack = await UpStack.start(HOME);
    const { credentials, endpoint, region } = stack.clientSettings;
    services = connect({
      description: "the stack of this test",
      outputs: stack.outputs,
      environment: {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_DEFAULT_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      },
    });
  });
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const filemill = (...args: string[]): Promise<CommandResult> => runCommand(HOME, args, folder);
  const json = async (...args: string[]): Promise<unknown> => {
    const result = await filemill(...args, "--json");
    expect({ lines: result.stdout.trim().split("\n").length, stderr: printedError(result) ? result.stderr : "" }).toEqual({
      lines: 1,
      stderr: "",
    });
    return JSON.parse(result.stdout);
  };
  const submit = async (...args: string[]): Promise<GenerationRef> => {
    const { batchId } = z.object({ batchId: z.string() }).parse(await json("submit", ...args));
    return { batchId, generation: 1 };
  };
  /** Workers stand still until it is called again with SIGCONT. */
  const signalWorkers = async (signal: "SIGSTOP" | "SIGCONT"): Promise<void> => {
    for (const pid of await workers.workers()) process.kill(pid, signal);
  };
  const untilGeneration = async (ref: GenerationRef, is: (record: GenerationRecord) => Promise<boolean>): Promise<void> => {
    await eventually(async () => {
      const record = await services.ledger.getGeneration(ref);
      return record !== undefined && is(record);
    });
  };
  const isPlanned = ({ plan }: GenerationRecord): Promise<boolean> => Promise.resolve(plan !== undefined);
  const endsOf = (messages: readonly ResultMessage[], batchId: string): string[] =>
    messages.flatMap((message) => (message.type.startsWith("batch-") && message.batchId === batchId ? [message.type] : []));

  test("invariants 1 and 7: quarantined files are listed, explained, mended and replayed; the receipts of both generations are true", async () => {
    const texts = path.join(folder, "texts");
    const whole = await writeWordFreqSet(texts, { files: 20, totalBytes: 200_000 });
    const packed = gzipSync(TEXT.repeat(50));
    await writeFile(path.join(texts, "broken.txt.gz"), packed.subarray(0, packed.length - 5));
    await writeFile(path.join(texts, "later.txt"), TEXT);

    await signalWorkers("SIGSTOP");
    const ref = await submit("texts", "--route", "fleet");
    await untilGeneration(ref, isPlanned);
    await deleteObject(`batches/${ref.batchId}/later.txt`);
    await signalWorkers("SIGCONT");
    await untilGeneration(ref, ({ completionSentAt }) => Promise.resolve(completionSentAt !== undefined));

    expect(await json("quarantine", "list", ref.batchId)).toEqual({
      schemaVersion: 2,
      batches: [{ ...ref, total: 2, byReason: { missing: 1, "corrupt-gzip": 1 } }],
      files: [
        { ...ref, filename: "broken.txt.gz", reason: "corrupt-gzip", bytes: packed.length - 5 },
        { ...ref, filename: "later.txt", reason: "missing", bytes: TEXT.length },
      ],
    });
    const shown = await filemill("quarantine", "show", ref.batchId, "broken.txt.gz");
    expect(shown).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/quarantined \(corrupt-gzip\)[\s\S]*way out: put a whole copy/) as string,
    });

    const nothing = await filemill("quarantine", "replay", ref.batchId, "--reason", "too-large");
    expect(nothing).toMatchObject({ exitCode: 2, stdout: "" });

    await writeFile(path.join(texts, "broken.txt.gz"), packed);
    for (const name of ["broken.txt.gz", "later.txt"]) {
      await services.objects.putFile(stack.outputs.uploading_bucket, `batches/${ref.batchId}/${name}`, path.join(texts, name));
    }
    const replayed = await filemill("quarantine", "replay", ref.batchId, "--watch", "--out", "replayed");
    expect(replayed).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining("taking up 2 quarantined files (1 missing, 1 corrupt-gzip)") as string,
    });
    const found = await readResultFiles(path.join(folder, "replayed"), ref.batchId);
    await expectEqualsReference(found, texts, [...whole, { name: "broken.txt.gz" }, { name: "later.txt" }]);
    expect(found.batch).toMatchObject({ generation: 2, status: "completed" });

    for (const generation of ["1", "2"]) {
      const verified = await filemill("verify", ref.batchId, "--generation", generation, "--recount", "5");
      expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/, is true\n$/) as string });
    }
    expect((await filemill("results", "latest", "--generation", "1")).exitCode).toBe(3);
    const messages = await stack.takeMessages(24);
    expect(endsOf(messages, ref.batchId)).toEqual(["batch-completed", "batch-completed"]);
  });

  test("invariants 2 and 5: a batch that is cancelled in the middle is reported once, and resumed to the results of the reference", async () => {
    const many = path.join(folder, "many");
    const files = await writeManySmallFiles(many, 800);
    const ref = await submit("many", "--route", "fleet");
    await untilGeneration(ref, async (record) => {
      const progress = await readBatchProgress({ ...services, stateBucket: services.outputs.state_bucket }, record);
      return progress.phase === "processing" && progress.settled > 0;
    });
    await signalWorkers("SIGSTOP");
    const cancelled = await filemill("cancel", ref.batchId, "--watch", "--json");
    await signalWorkers("SIGCONT");
    expect(cancelled.exitCode).toBe(4);
    const counts = z.object({ status: z.literal("cancelled"), files: z.object({ processed: z.int(), unfinished: z.int() }) });
    const { files: settled } = counts.parse(JSON.parse(cancelled.stdout));
    expect(settled.processed).toBeGreaterThan(0);
    expect(settled.unfinished).toBeGreaterThan(0);
    expect(settled.processed + settled.unfinished).toBe(files.length);
    expect(await filemill("cancel", ref.batchId)).toMatchObject({ exitCode: 0, stdout: `${ref.batchId} cancelled\n` });

    const resumed = await filemill("resume", ref.batchId, "--watch", "--out", "resumed");
    expect(resumed.exitCode).toBe(0);
    await expectEqualsReference(await readResultFiles(path.join(folder, "resumed"), ref.batchId), many, files);
    expect(await filemill("verify", ref.batchId)).toMatchObject({ exitCode: 0 });
    expect(await filemill("resume", ref.batchId)).toMatchObject({ exitCode: 2 });

    const messages = await stack.takeMessages(files.length + 2);
    expect(endsOf(messages, ref.batchId)).toEqual(["batch-cancelled", "batch-completed"]);
  });

  test("S1.52, O.6: a foreign message is listed as what it is and sent back when asked to; nobody can handle it still", async () => {
    await services.deadLetters.jobs.source.send(["hello, is anybody there?"]);
    const [first] = await untilDeadLetters(() => true);
    expect(first).toMatchObject({ queue: "jobs", content: { kind: "unreadable", problem: "not JSON" } });
    const refused = await filemill("dlq", "replay", "jobs");
    expect(refused).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringContaining("--yes") as string });
    const sent = await filemill("dlq", "replay", "jobs", "--yes");
    expect(sent).toMatchObject({ exitCode: 0, stdout: "sent 1 message back to wordfreq-jobs\n" });
    const again = await untilDeadLetters(({ messageId }) => messageId !== first?.messageId);
    expect(again).toMatchObject([{ content: { kind: "unreadable" } }]);
    expect(await json("dlq", "list", "chunks")).toEqual({ schemaVersion: 2, messages: [] });
  });

  test("S1.52: events that were dead letters are worked on after they were sent back", async () => {
    const key = "dead/letter 1.txt";
    await services.objects.put(stack.outputs.uploading_bucket, key, TEXT);
    const record = {
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Put",
      s3: { bucket: { name: stack.outputs.uploading_bucket }, object: { key: "dead/letter+1.txt" } },
    };
    const dead = new SQSClient(stack.clientSettings);
    try {
      await dead.send(
        new SendMessageCommand({ QueueUrl: stack.outputs.jobs_dead_letters_url, MessageBody: JSON.stringify({ Records: [record] }) }),
      );
    } finally {
      dead.destroy();
    }
    await untilDeadLetters(({ content }) => content.kind === "objects");
    await filemill("dlq", "replay", "jobs", "--yes");
    const messages = await stack.takeMessages(1);
    expect(messages).toMatchObject([{ type: "file-processed", bucket: stack.outputs.uploading_bucket, key }]);
  });

  const deadLettersSchema = z.object({
    messages: z.array(z.looseObject({ messageId: z.string(), content: z.looseObject({ kind: z.string() }) })),
  });
  type Letter = z.output<typeof deadLettersSchema>["messages"][number];
  /** The command is asked when there is something: a look costs a process, and hides what it sees. */
  async function untilDeadLetters(is: (letter: Letter) => boolean): Promise<Letter[]> {
    for (;;) {
      await untilDeadLetter();
      const letters = deadLettersSchema.parse(await json("dlq", "list", "jobs")).messages.filter(is);
      if (letters.length > 0) return letters;
    }
  }

  async function untilDeadLetter(): Promise<void> {
    const sqs = new SQSClient(stack.clientSettings);
    const depth = new GetQueueAttributesCommand({
      QueueUrl: stack.outputs.jobs_dead_letters_url,
      AttributeNames: ["ApproximateNumberOfMessages"],
    });
    try {
      await eventually(async () => Number((await sqs.send(depth)).Attributes?.["ApproximateNumberOfMessages"]) > 0);
    } finally {
      sqs.destroy();
    }
  }

  async function deleteObject(key: string): Promise<void> {
    const s3 = new S3Client({ ...stack.clientSettings, forcePathStyle: true });
    try {
      await s3.send(new DeleteObjectCommand({ Bucket: stack.outputs.uploading_bucket, Key: key }));
    } finally {
      s3.destroy();
    }
  }
});
