import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { ulid } from "ulid";
import { uploadPrefix } from "../../../core/contracts/state-keys";
import { VERSIONS } from "../../../core/contracts/versions";
import { RowLedger } from "../../../core/ledger/row-ledger";
import { SubmissionConflictError } from "../../../core/submission/submission";
import type { BatchSubmission, SourceFile } from "../../../core/submission/submission";
import type { ObjectHead } from "../../../core/ports/object-store";
import { submitBatch } from "../../../core/submission/submit-batch";
import type { SubmitBatchPorts } from "../../../core/submission/submit-batch";
import { MemoryRowStore } from "../../../simulator/memory/memory-row-store";
import { FakeClock } from "../../support/fakes/clock";
import { MemoryObjectStore } from "../../../simulator/memory/memory-object-store";
import { FakeWorkflow } from "../../support/fakes/workflow";

const BUCKET = "uploading";
const OPTIONS = { minimumWordLength: 5, top: 10, encoding: "auto" } as const;

let folder: string;
let files: SourceFile[];
let objects: MemoryObjectStore;
let ledger: RowLedger;
let workflow: FakeWorkflow;
let ports: SubmitBatchPorts;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "submit-"));
  files = [];
  for (const name of ["a.txt", "b.txt", "c.txt"]) {
    const file = path.join(folder, name);
    await writeFile(file, `words of ${name}`);
    files.push({ name, path: file, size: `words of ${name}`.length });
  }
  objects = new MemoryObjectStore([BUCKET]);
  const clock = new FakeClock();
  ledger = new RowLedger(new MemoryRowStore(), clock);
  workflow = new FakeWorkflow(clock);
  ports = { ledger, objects, workflow, clock, newId: () => ulid() };
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const submission = (changes: Partial<BatchSubmission> = {}): BatchSubmission => ({
  requestId: "nightly",
  source: { kind: "files", files, uploadingBucket: BUCKET },
  options: OPTIONS,
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
    source: { bucket: BUCKET, prefix: uploadPrefix(batch.batchId) },
  });
});

test("submitting again with the same request id gives the same batch and touches nothing", async () => {
  const first = await submitBatch(ports, submission());
  const heads = (): Promise<ObjectHead[]> => Promise.all(objects.keys(BUCKET).map((key) => objects.head(BUCKET, key)));
  const before = await heads();
  const second = await submitBatch(ports, submission());
  expect(second).toEqual({ batch: first.batch, started: false });
  expect(await ledger.listBatches(10)).toHaveLength(1);
  expect(workflow.executions.size).toBe(1);
  expect(await heads()).toEqual(before);
});

test("without a request id every submission is a batch of its own", async () => {
  const { source, options, requestedRoute } = submission();
  const anonymous = { source, options, requestedRoute };
  const first = await submitBatch(ports, anonymous);
  const second = await submitBatch(ports, anonymous);
  expect(second.batch.batchId).not.toBe(first.batch.batchId);
  expect(workflow.executions.size).toBe(2);
});

test("a submission that died while uploading goes on under the same batch", async () => {
  const putFile = objects.putFile.bind(objects);
  objects.putFile = (bucket, key, file, metadata) =>
    key.endsWith("b.txt") ? Promise.reject(new Error("connection lost")) : putFile(bucket, key, file, metadata);
  await expect(submitBatch(ports, submission())).rejects.toThrow("connection lost");
  expect(workflow.executions.size).toBe(0);

  objects.putFile = putFile;
  const { batch, started } = await submitBatch(ports, submission());
  expect(started).toBe(true);
  expect((await ledger.listBatches(10)).map(({ batchId }) => batchId)).toEqual([batch.batchId]);
  expect(objects.keys(BUCKET)).toHaveLength(3);
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
    ["options", () => ({ options: { ...OPTIONS, minimumWordLength: 1 } }), /minimum word length was '5', is '1'/],
    ["encoding", () => ({ options: { ...OPTIONS, encoding: "windows-1252" } }), /encoding was 'auto', is 'windows-1252'/],
    ["top", () => ({ options: { ...OPTIONS, top: 3 } }), /top was '10', is '3'/],
    ["route", () => ({ requestedRoute: "lambda" }), /route was 'auto', is 'lambda'/],
    ["source", () => ({ source: { kind: "objects", source: { bucket: "other", prefix: "x/" } } }), /source was .* is 's3:\/\/other\/x\/'/],
    ["budget", () => ({ budgetUsd: 2 }), /budget was 'none', is '2'/],
    [
      "a file more",
      () => ({ source: { kind: "files", files: [...files, { name: "d.txt", path: "", size: 1 }], uploadingBucket: BUCKET } }),
      /no file 'd.txt'/,
    ],
    [
      "a file less",
      () => ({ source: { kind: "files", files: files.slice(1), uploadingBucket: BUCKET } }),
      /a file 'a.txt' that is not among/,
    ],
    [
      "other content",
      () => ({ source: { kind: "files", files: files.map((file) => ({ ...file, size: file.size + 1 })), uploadingBucket: BUCKET } }),
      /'a.txt' has 14 bytes, now 15/,
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

test("leftovers of an earlier, other submission keep a batch from starting", async () => {
  const start = workflow.start.bind(workflow);
  workflow.start = () => Promise.reject(new Error("throttled"));
  await expect(submitBatch(ports, submission())).rejects.toThrow("throttled");
  workflow.start = start;
  const fewer = submission({ source: { kind: "files", files: files.slice(0, 2), uploadingBucket: BUCKET } });
  await expect(submitBatch(ports, fewer)).rejects.toThrow(/a file 'c.txt' that is not among/);
  expect(workflow.executions.size).toBe(0);
});

test("objects of a bucket are submitted where they are", async () => {
  const source = { bucket: "archive", prefix: "2026/" };
  const { batch, started } = await submitBatch(ports, submission({ source: { kind: "objects", source } }));
  expect(started).toBe(true);
  expect(batch.source).toEqual(source);
  expect(objects.keys(BUCKET)).toEqual([]);
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
