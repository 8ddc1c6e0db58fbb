import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ulid } from "ulid";
import { submissionKey, uploadPrefix } from "../../../../../systems/batch/contracts/state-keys";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { hashFiles } from "../../../../../systems/batch/core/submission/hash-files";
import { SubmissionConflictError } from "../../../../../systems/batch/core/submission/same-submission";
import type { BatchSubmission, HashedFile } from "../../../../../systems/batch/core/submission/submission";
import type { GenerationRef } from "../../../../../systems/batch/contracts/batch";
import { GenerationAtWorkError, resumeBatch } from "../../../../../systems/batch/core/generations/resume-batch";
import { LocalFileChangedError, type ObjectHead } from "../../../../../kit/ports/object-store";
import { countArrivals, NotArrivedError } from "../../../../../systems/batch/core/stored-batch/arrivals";
import { submitBatch } from "../../../../../systems/batch/core/submission/submit-batch";
import type { SubmitBatchPorts } from "../../../../../systems/batch/core/submission/submit-batch";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "../../../../support/fakes/clock";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { FakeWorkflow } from "../../../../support/fakes/workflow";
import { wordCountOf } from "../../../../support/word-count";

const BUCKET = "uploading";
const STATE = "state";

let folder: string;
let files: readonly HashedFile[];
let objects: MemoryObjectStore;
let ledger: RowLedger;
let workflow: FakeWorkflow;
let ports: SubmitBatchPorts;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "submit-"));
  for (const name of ["a.txt", "b.txt", "c.txt"]) await writeFile(path.join(folder, name), `words of ${name}`);
  files = await filesNow();
  objects = new MemoryObjectStore([BUCKET, STATE]);
  const clock = new FakeClock();
  ledger = new RowLedger(new MemoryRowStore(), clock);
  workflow = new FakeWorkflow(clock);
  ports = { ledger, objects, workflow, clock, newId: () => ulid() };
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** The three files as they are on the disk. */
async function filesNow(): Promise<readonly HashedFile[]> {
  const { hashed } = await hashFiles(["a.txt", "b.txt", "c.txt"].map((name) => ({ name, path: path.join(folder, name), size: 0 })));
  return hashed;
}
const bringing = (given: readonly HashedFile[]): BatchSubmission["source"] => ({
  kind: "files",
  files: given,
  uploadingBucket: BUCKET,
  stateBucket: STATE,
});

const submission = (changes: Partial<BatchSubmission> = {}): BatchSubmission => ({
  requestId: "nightly",
  source: bringing(files),
  workload: wordCountOf().record,
  requestedRoute: "auto",
  ...changes,
});

test("a batch starts once, after all of its files are there", async () => {
  const present: string[][] = [];
  const start = workflow.start.bind(workflow);
  workflow.start = (ref) => {
    present.push(objects.keys(BUCKET));
    return start(ref);
  };
  const { batch, started } = await submitBatch(ports, submission());
  expect(started).toBe(true);
  expect(present).toEqual([["a.txt", "b.txt", "c.txt"].map((name) => uploadPrefix(batch.batchId) + name)]);
  expect(await ledger.getBatch(batch.batchId)).toMatchObject({
    requestId: "nightly",
    sources: [{ bucket: BUCKET, prefix: uploadPrefix(batch.batchId) }],
    submission: { fileCount: 3, bytes: 42 },
    arrivedAt: "2026-01-01T00:00:00.000Z",
  });
});

test("files in another order are the same submission, and all of them have arrived", async () => {
  const names = ["z.txt", "10.txt", "2.txt", "\u{10000}.txt", "\uffee.txt", "é.txt"];
  for (const name of names) await writeFile(path.join(folder, name), name);
  const { hashed } = await hashFiles(names.map((name) => ({ name, path: path.join(folder, name), size: 0 })));
  const { batch } = await submitBatch(ports, submission({ source: bringing(hashed) }));
  expect(await countArrivals(objects, STATE, batch)).toEqual({ arrived: names.length, total: names.length });
  expect(await submitBatch(ports, submission({ source: bringing(hashed.toReversed()) }))).toEqual({ batch, started: false });
  const other = hashed.map((file) => (file.name === "10.txt" ? { ...file, size: 99 } : file));
  await expect(submitBatch(ports, submission({ source: bringing(other) }))).rejects.toThrow("its file '10.txt' has 6 bytes, now 99");
});

describe("S1.90: what the upload took", () => {
  test("is stored, by the monotonic clock: a time of day that steps is no part of it", async () => {
    const clock = new FakeClock();
    const putFile = objects.putFile.bind(objects);
    objects.putFile = (...call) => {
      clock.advance(1_000);
      return putFile(...call);
    };
    let steps = 0;
    jest.spyOn(clock, "now").mockImplementation(() => Date.UTC(2026, 0, 1) - 7_200_000 * steps++);
    const { batch } = await submitBatch({ ...ports, clock }, submission());
    expect(batch.uploadMilliseconds).toBe(3_000);
    expect(batch.submittedAt > (batch.arrivedAt ?? "")).toBe(true);
  });

  test("is not known when another process brought the rest", async () => {
    const putFile = objects.putFile.bind(objects);
    objects.putFile = () => Promise.reject(new Error("connection lost"));
    await expect(submitBatch(ports, submission())).rejects.toThrow("connection lost");
    objects.putFile = putFile;
    const { batch } = await submitBatch(ports, submission());
    expect(batch.arrivedAt).toBeDefined();
    expect(batch).not.toHaveProperty("uploadMilliseconds");
  });
});

test("submitting again with the same request id gives the same batch and touches nothing", async () => {
  const first = await submitBatch(ports, submission());
  const heads = (): Promise<ObjectHead[]> => Promise.all(objects.keys(BUCKET).map((key) => objects.head(BUCKET, key)));
  const before = await heads();
  const second = await submitBatch(ports, submission());
  expect(second).toEqual({ batch: first.batch, started: false });
  expect(first.batch.arrivedAt).toBeDefined();
  expect(await ledger.listBatches(10)).toHaveLength(1);
  expect(workflow.executions.size).toBe(1);
  expect(await heads()).toEqual(before);
});

test("without a request id every submission is a batch of its own", async () => {
  const { source, workload, requestedRoute } = submission();
  const anonymous = { source, workload, requestedRoute };
  const first = await submitBatch(ports, anonymous);
  const second = await submitBatch(ports, anonymous);
  expect(second.batch.batchId).not.toBe(first.batch.batchId);
  expect(workflow.executions.size).toBe(2);
});

test("a submission that died while uploading goes on under the same batch", async () => {
  const putFile = objects.putFile.bind(objects);
  objects.putFile = (bucket, key, file, options) =>
    key.endsWith("b.txt") ? Promise.reject(new Error("connection lost")) : putFile(bucket, key, file, options);
  await expect(submitBatch(ports, submission())).rejects.toThrow("connection lost");
  expect(workflow.executions.size).toBe(0);
  const there = objects.keys(BUCKET);
  expect(there.length).toBeLessThan(3);

  const put: string[] = [];
  objects.putFile = (bucket, key, file, options) => {
    put.push(key);
    return putFile(bucket, key, file, options);
  };
  const uploaded: number[] = [];
  const { batch, started } = await submitBatch(ports, submission(), { onUploaded: (count) => uploaded.push(count) });
  expect(started).toBe(true);
  expect((await ledger.listBatches(10)).map(({ batchId }) => batchId)).toEqual([batch.batchId]);
  expect([...there, ...put].sort()).toEqual(objects.keys(BUCKET));
  expect(objects.keys(BUCKET)).toHaveLength(3);
  expect(uploaded[0]).toBe(there.length);
  expect(uploaded.at(-1)).toBe(3);
});

test("a submission that died before the start starts, even when the plan of another one ran meanwhile", async () => {
  const start = workflow.start.bind(workflow);
  workflow.start = () => Promise.reject(new Error("throttled"));
  await expect(submitBatch(ports, submission())).rejects.toThrow("throttled");
  workflow.start = start;
  expect((await submitBatch(ports, submission())).started).toBe(true);

  const plan = {
    route: "fleet",
    fileCount: 3,
    bytes: 48,
    splitCount: 3,
    chunkCount: 1,
    manifestSha256: "0".repeat(64),
    planSha256: "2".repeat(64),
    carriedFileCount: 0,
    versions: VERSIONS,
    estimatedSeconds: 1,
    estimatedCostUsd: 0,
    acknowledgePer: "file",
  } as const;
  const batchId = (await ledger.listBatches(10))[0]?.batchId ?? "";
  await ledger.recordPlan({ batchId, generation: 1 }, plan);
  workflow.executions.clear(); // Step Functions forgets closed executions after 90 days
  expect((await submitBatch(ports, submission())).started).toBe(false);
  expect(workflow.executions.size).toBe(0);
});

describe("the same request id for another batch is refused, naming the difference", () => {
  const cases: [name: string, changes: () => Partial<BatchSubmission>, difference: RegExp][] = [
    ["an option", () => ({ workload: wordCountOf({ minimumWordLength: 1 }).record }), /option minimumWordLength was '5', is '1'/],
    ["encoding", () => ({ workload: wordCountOf({ encoding: "windows-1252" }).record }), /option encoding was 'auto', is 'windows-1252'/],
    ["top", () => ({ workload: wordCountOf({ top: 3 }).record }), /option top was '10', is '3'/],
    ["workload", () => ({ workload: { ...wordCountOf().record, name: "another" } }), /workload was 'word-count', is 'another'/],
    [
      "an option more",
      () => ({ workload: { ...wordCountOf().record, options: { ...wordCountOf().record.options, deep: { b: 1, a: [2] } } } }),
      /option deep was 'none', is '{"a":\[2\],"b":1}'/,
    ],
    [
      "a program",
      () => ({ workload: { ...wordCountOf().record, artefacts: [{ name: "archive", key: "k", sha256: "0".repeat(64), bytes: 1 }] } }),
      /program was 'none', is 'archive 0{64}'/,
    ],
    ["route", () => ({ requestedRoute: "lambda" }), /route was 'auto', is 'lambda'/],
    [
      "source",
      () => ({ source: { kind: "objects", sources: [{ bucket: "other", prefix: "x/" }] } }),
      /source was 'files of the submission', is 's3:\/\/other\/x\/'/,
    ],
    ["budget", () => ({ budgetUsd: 2 }), /budget was 'none', is '2'/],
    [
      "a file more",
      () => ({ source: bringing([...files, { name: "d.txt", path: "", size: 1, sha256: "0".repeat(64) }]) }),
      /no file 'd.txt'/,
    ],
    ["a file less", () => ({ source: bringing(files.slice(1)) }), /a file 'a.txt' that is not among/],
    [
      "a file of another name",
      () => ({ source: bringing(files.map((file) => (file.name === "b.txt" ? { ...file, name: "bb.txt" } : file))) }),
      /a file 'b.txt' that is not among/,
    ],
    ["another size", () => ({ source: bringing(files.map((file) => ({ ...file, size: file.size + 1 }))) }), /'a.txt' has 14 bytes, now 15/],
    [
      "other content of the same size",
      () => ({ source: bringing(files.map((file) => (file.name === "b.txt" ? { ...file, sha256: "0".repeat(64) } : file))) }),
      /its file 'b.txt' has another content of the same size/,
    ],
  ];
  test.each(cases)("%s", async (_name, changes, difference) => {
    await submitBatch(ports, submission());
    const again = submitBatch(ports, submission(changes()));
    await expect(again).rejects.toThrow(SubmissionConflictError);
    await expect(again).rejects.toThrow(difference);
    expect(workflow.executions.size).toBe(1);
  });
});

test("deadline and budget are stored; a deadline told anew as a time from now is no other batch", async () => {
  const deadline = "2026-01-02T00:00:00.000Z";
  const { batch } = await submitBatch(ports, submission({ deadline, budgetUsd: 0.5 }));
  expect(batch).toMatchObject({ deadline, budgetUsd: 0.5 });
  const again = await submitBatch(ports, submission({ deadline: "2026-01-02T00:00:07.000Z", budgetUsd: 0.5 }));
  expect(again.batch).toEqual(batch);
});

test("objects of buckets are submitted where they are, with the patterns that choose among them", async () => {
  const sources = [
    { bucket: "archive", prefix: "2026/" },
    { bucket: "archive", prefix: "", object: "notes.txt" },
  ];
  const source = { kind: "objects", sources, filter: { include: ["*.txt"], exclude: [] } } as const;
  const { batch, started } = await submitBatch(ports, submission({ source: { ...source, filter: { include: ["*.txt"], exclude: [] } } }));
  expect(started).toBe(true);
  expect(batch).toMatchObject({ sources, filter: source.filter });
  expect(batch).not.toHaveProperty("submission");
  expect(objects.keys(BUCKET)).toEqual([]);
  const others = submission({ source: { kind: "objects", sources } });
  await expect(submitBatch(ports, others)).rejects.toThrow(/patterns was '\[\["\*\.txt"\],\[\]\]', is 'none'/);
});

describe("what is submitted is known before the first byte goes up", () => {
  test("the list of names, sizes and hashes is stored before any file", async () => {
    const order: string[] = [];
    jest.spyOn(objects, "put").mockImplementation((bucket, key) => Promise.resolve(void order.push(`${bucket}/${key}`)));
    jest.spyOn(objects, "putFile").mockImplementation((bucket) => Promise.resolve(void order.push(bucket)));
    const { batch } = await submitBatch(ports, submission());
    expect(order).toEqual([`${STATE}/${submissionKey(batch.batchId)}`, BUCKET, BUCKET, BUCKET]);
  });

  test("whoever submits learns the batch's id before that", async () => {
    const known: string[] = [];
    jest.spyOn(objects, "put").mockRejectedValue(new Error("no way to S3"));
    await expect(submitBatch(ports, submission(), { onKnown: ({ batchId }) => known.push(batchId) })).rejects.toThrow("no way to S3");
    expect(known).toEqual((await ledger.listBatches(1)).map(({ batchId }) => batchId));
  });

  test.each([
    ["emptied", "", /'.*b\.txt' was changed while it was submitted: it had 14 bytes and has 0 now/],
    ["written to", "words of b.txt and more", /it had 14 bytes and has more now/],
    ["replaced", "words in b.txt", /it has another content of the same size/],
  ])("a file that is %s meanwhile stops the submission: no other content takes its place", async (_, content, problem) => {
    await writeFile(path.join(folder, "b.txt"), content);
    const submitting = submitBatch(ports, submission());
    await expect(submitting).rejects.toThrow(LocalFileChangedError);
    await expect(submitting).rejects.toThrow(problem);
    expect(objects.keys(BUCKET).filter((key) => key.endsWith("b.txt"))).toEqual([]);
    expect(workflow.executions.size).toBe(0);
    // with the content that was listed it goes on
    await writeFile(path.join(folder, "b.txt"), "words of b.txt");
    expect((await submitBatch(ports, submission())).started).toBe(true);
    // and the other content was another submission all along
    await writeFile(path.join(folder, "b.txt"), content);
    await expect(submitBatch(ports, submission({ source: bringing(await filesNow()) }))).rejects.toThrow(SubmissionConflictError);
  });

  test("what somebody else put below the batch's prefix is not taken for a file of it", async () => {
    const putFile = objects.putFile.bind(objects);
    objects.putFile = () => Promise.reject(new Error("connection lost"));
    await expect(submitBatch(ports, submission())).rejects.toThrow("connection lost");
    objects.putFile = putFile;
    const batchId = (await ledger.listBatches(1))[0]?.batchId ?? "";
    objects.set(BUCKET, `${uploadPrefix(batchId)}b.txt`, "of another size altogether");
    expect((await submitBatch(ports, submission())).started).toBe(true);
    expect(objects.text(BUCKET, `${uploadPrefix(batchId)}b.txt`)).toBe("words of b.txt");
  });
});

describe("a submission that broke off and whose batch came to its end before it was planned", () => {
  const breakOff = async (): Promise<string> => {
    const putFile = objects.putFile.bind(objects);
    objects.putFile = (bucket, key, file, options) =>
      key.endsWith("b.txt") ? Promise.reject(new Error("connection lost")) : putFile(bucket, key, file, options);
    await expect(submitBatch(ports, submission())).rejects.toThrow("connection lost");
    objects.putFile = putFile;
    return (await ledger.listBatches(1))[0]?.batchId ?? "";
  };
  const report = async (ref: GenerationRef): Promise<void> => {
    const files = { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 };
    await ledger.sealGeneration(ref, { files, sealedSha256: "s" });
    await ledger.putCompletion(ref, "{}");
    await ledger.markCompletionSent(ref, "2026-01-01T01:00:00.000Z");
  };

  test.each(["cancelled", "failed"] as const)("as %s is taken up by the same submission: all files, in a new generation", async (cause) => {
    const batchId = await breakOff();
    await ledger.closeGeneration({ batchId, generation: 1 }, cause);
    await report({ batchId, generation: 1 });
    const { batch, started } = await submitBatch(ports, submission());
    expect({ started, batch }).toMatchObject({ started: true, batch: { batchId, latestGeneration: 2 } });
    expect([...workflow.executions.keys()]).toEqual([`${batchId}-g2`]);
    expect(objects.keys(BUCKET)).toHaveLength(3);
    // again it is the same
    expect(await submitBatch(ports, submission())).toMatchObject({ started: false, batch: { latestGeneration: 2 } });
  });

  test("is left alone while its end is under way", async () => {
    const batchId = await breakOff();
    await ledger.closeGeneration({ batchId, generation: 1 }, "cancelled");
    await expect(submitBatch(ports, submission())).rejects.toThrow(GenerationAtWorkError);
    expect(objects.keys(BUCKET).length).toBeLessThan(3);
  });

  test("can't be resumed without its files: the error says what to do", async () => {
    const batchId = await breakOff();
    await ledger.closeGeneration({ batchId, generation: 1 }, "cancelled");
    await report({ batchId, generation: 1 });
    const resuming = resumeBatch({ ...ports, stateBucket: STATE }, batchId, { reasons: [] });
    await expect(resuming).rejects.toThrow(NotArrivedError);
    await expect(resuming).rejects.toThrow(/^\d of the 3 files of batch \S+ are there: its upload broke off or is still under way$/);
    await expect(resuming).rejects.toMatchObject({ fix: expect.stringContaining("--request-id 'nightly'") as string });
    expect((await ledger.getBatch(batchId))?.latestGeneration).toBe(1);
  });

  test("a batch that is cancelled while its files go up is not started by whoever puts the last of them", async () => {
    const submitting = submitBatch(ports, submission(), {
      onUploaded: (count) => {
        if (count === 1) void ports.ledger.closeGeneration({ batchId: known, generation: 1 }, "cancelled");
      },
      onKnown: ({ batchId }) => (known = batchId),
    });
    let known = "";
    expect((await submitting).started).toBe(false);
    expect(workflow.executions.size).toBe(0);
  });
});

test("an interruption stops the upload and starts nothing", async () => {
  const controller = new AbortController();
  const interrupted = new Error("interrupted");
  const submitting = submitBatch(ports, submission(), {
    onUploaded: () => {
      controller.abort(interrupted);
    },
    signal: controller.signal,
  });
  await expect(submitting).rejects.toBe(interrupted);
  expect(workflow.executions.size).toBe(0);
});
