import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import fc from "fast-check";
import { itemResult } from "../../../../../systems/batch/core/results/checked-results";
import { listFiles } from "../../../../../systems/batch/core/results/list-files";
import { batchDocument, batchDocumentSchema, secondsOf } from "../../../../../systems/batch/core/results/batch-document";
import {
  readBatchResult,
  readFileResults,
  readReceipt,
  ReceiptMismatchError,
} from "../../../../../systems/batch/core/results/batch-results";
import { StoredFormatError } from "../../../../../kit/lib/stored-json";
import { receiptOf, reportedReceipt } from "../../../../../systems/batch/core/results/completion";
import { receiptKey, resultKey, resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import type { BatchResult, FileResult } from "../../../../../systems/batch/contracts/files";
import type { BatchRecord, GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { ObjectMissingError } from "../../../../../kit/ports/object-store";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { batchRecord } from "../../../../support/batch-record";
import { fileWords, NOTHING_MADE, wordCountOf, wordItem, wordTotal } from "../../../../support/word-count";

const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 2 };
const RESULT: BatchResult = {
  ...REF,
  status: "completed",
  route: "fleet",
  files: { total: 2, processed: 1, skipped: 0, quarantined: 1, unfinished: 0 },
  bytes: 20,
  workload: wordCountOf().record,
  result: wordTotal({ totalWords: 4, distinctWords: 2, words: [{ word: "größe", count: 3 }] }),
  outputs: { files: 1, bytes: 5 },
  manifestSha256: "0".repeat(64),
  receipt: { key: receiptKey(REF), sha256: "2".repeat(64) },
};
const LINES: FileResult[] = [
  {
    filename: "a\u2028b.txt",
    status: "processed",
    bytes: 10,
    result: fileWords({ textBytes: 10, totalWords: 4, distinctWords: 2, words: [{ word: "größe", count: 3 }] }),
    outputs: [{ name: "größe/1", key: "outputs/b/1", bytes: 5, sha256: "3".repeat(64) }],
  },
  {
    filename: "ü".repeat(40_000),
    status: "quarantined",
    reason: "corrupt-gzip",
    detail: "unexpected end of file",
    bytes: 10,
    ...NOTHING_MADE,
  },
];

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

test("reads a batch's result and its files', whatever their names hold", async () => {
  const objects = new MemoryObjectStore(["state"]);
  objects.set("state", resultKey(REF), JSON.stringify(RESULT));
  objects.set("state", resultsKey(REF), LINES.map((line) => `${JSON.stringify(line)}\n`).join(""));
  expect(await readBatchResult(objects, "state", REF)).toEqual(RESULT);
  expect(await all(readFileResults(objects, "state", REF))).toEqual(LINES);
});

test.each([
  ["not JSON", "{"],
  ["another shape", JSON.stringify({ ...RESULT, status: "done" })],
])("a result that is %s is refused, naming the object", async (_name, text) => {
  const objects = new MemoryObjectStore(["state"]);
  objects.set("state", resultKey(REF), text);
  objects.set("state", resultsKey(REF), `${text}\n`);
  const where = new RegExp(resultKey(REF));
  await expect(readBatchResult(objects, "state", REF)).rejects.toThrow(StoredFormatError);
  await expect(readBatchResult(objects, "state", REF)).rejects.toThrow(where);
  await expect(all(readFileResults(objects, "state", REF))).rejects.toThrow(/results\.jsonl:1 /);
});

test("a total that its workload would not make is refused, naming the object", async () => {
  const objects = new MemoryObjectStore(["state"]);
  objects.set("state", resultKey(REF), JSON.stringify({ ...RESULT, result: { ...wordTotal(), totalWords: -1 } }));
  const reading = readBatchResult(objects, "state", REF);
  await expect(reading).rejects.toThrow(StoredFormatError);
  await expect(reading).rejects.toThrow(new RegExp(`${resultKey(REF)}.*totalWords`));
});

test("a file's result that its workload would not make is refused, naming the file; of one that was not processed there is none", async () => {
  const lines = (result: unknown): AsyncIterable<FileResult> =>
    Readable.from([
      { filename: "a", status: "skipped", reason: "not-text", bytes: 1, ...NOTHING_MADE },
      { filename: "b", status: "processed", bytes: 1, result, outputs: [] },
    ]);
  expect(await all(listFiles(lines(fileWords()), {}, wordCountOf()))).toHaveLength(2);
  const reading = all(listFiles(lines({ ...fileWords(), words: "words" }), { kinds: ["skipped"] }, wordCountOf()));
  await expect(reading).rejects.toThrow(StoredFormatError);
  await expect(reading).rejects.toThrow(/'b'.*words/);
});

test("an item that holds no result of its workload is refused, naming the file", () => {
  const item = wordItem({ bucket: "b", key: "k", etag: "e", size: 1, lastModified: "2026-01-01T00:00:00.000Z" }, fileWords());
  expect(itemResult(item)).toEqual(fileWords());
  const damaged = { ...item, attributes: { ...item.attributes, Words: [] } };
  expect(() => itemResult(damaged)).toThrow(StoredFormatError);
  expect(() => itemResult(damaged)).toThrow(/^the item of b\/k .*Words/);
});

test("a missing result says which object", async () => {
  await expect(readBatchResult(new MemoryObjectStore(["state"]), "state", REF)).rejects.toThrow(ObjectMissingError);
});

test("batch.json has the documented fields in their order", () => {
  const document = batchDocument(RESULT, 1.5);
  expect(batchDocumentSchema.parse(document)).toEqual(document);
  expect(Object.keys(document)).toEqual([
    "batchId",
    "generation",
    "status",
    "route",
    "files",
    "bytes",
    "workload",
    "result",
    "outputs",
    "seconds",
    "manifestSha256",
    "receipt",
  ]);
});

describe("S1.90: seconds go from the first upload to the completion message, the last acknowledgement", () => {
  const batchOf = (facts: object) =>
    batchRecord({
      batchId: REF.batchId,
      requestId: "r",
      sources: [{ bucket: "uploading", prefix: "" }],
      acknowledgePerFileUpTo: 1,
      latestGeneration: 2,
      ...facts,
    });
  const PLAN = {
    route: "fleet",
    fileCount: 1,
    bytes: 1,
    splitCount: 1,
    chunkCount: 1,
    manifestSha256: "1".repeat(64),
    planSha256: "2".repeat(64),
    estimatedSeconds: 1,
    estimatedCostUsd: 0.01,
    acknowledgePer: "file",
    carriedFileCount: 0,
    versions: VERSIONS,
  } as const;
  const inPlace = batchOf({});
  const brought = batchOf({ submission: { fileCount: 1, bytes: 1, sha256: "0".repeat(64) }, uploadMilliseconds: 4_500 });
  const generationOf = (generation: number, startedAt: string | undefined, completionSentAt?: string): GenerationRecord => ({
    ...REF,
    generation,
    status: "sealed",
    openedAt: "2026-01-01T00:00:00.000Z",
    plan: { ...PLAN, ...(startedAt === undefined ? {} : { startedAt }) },
    ...(completionSentAt === undefined ? {} : { completionSentAt }),
  });
  const BEGAN = "2026-01-01T00:01:00.000Z";
  const SENT = "2026-01-01T00:01:00.250Z";

  test.each<[string, BatchRecord, GenerationRecord, number | null]>([
    ["objects in place: the execution", inPlace, generationOf(1, BEGAN, SENT), 0.25],
    ["files of the submission: the upload and the execution", brought, generationOf(1, BEGAN, SENT), 4.75],
    ["a later generation uploads nothing", brought, generationOf(2, BEGAN, SENT), 0.25],
    ["an upload that no one clock measured", batchOf({ submission: brought.submission }), generationOf(1, BEGAN, SENT), null],
    ["a plan without the execution's beginning", inPlace, generationOf(1, undefined, SENT), null],
    ["clocks that contradict each other", inPlace, generationOf(1, SENT, BEGAN), null],
  ])("%s", (_what, batch, generation, seconds) => {
    expect(secondsOf(batch, generation)).toBe(seconds);
  });

  test("property: the submitting machine's time of day is in no duration", () => {
    fc.assert(
      fc.property(fc.date({ noInvalidDate: true }), fc.date({ noInvalidDate: true }), (submittedAt, arrivedAt) => {
        const times = { submittedAt: submittedAt.toISOString(), arrivedAt: arrivedAt.toISOString() };
        const generation = { ...generationOf(1, BEGAN, SENT), openedAt: times.submittedAt };
        expect(secondsOf({ ...brought, ...times }, generation)).toBe(4.75);
      }),
    );
  });

  test("one that is not reported has none", () => {
    expect(() => secondsOf(inPlace, generationOf(1, BEGAN))).toThrow(/has not been reported/);
  });
});

describe("the receipt", () => {
  const text = '{"receiptVersion":1,"batchId":"ü"}\n';
  const reference = { key: receiptKey(REF), sha256: createHash("sha256").update(text).digest("hex") };
  const generation = { ...REF, status: "sealed", openedAt: "2026-01-01T00:00:00.000Z" } as const;

  test("is read as it is stored", async () => {
    const objects = new MemoryObjectStore(["state"]);
    objects.set("state", reference.key, text);
    expect(await readReceipt(objects, "state", reference)).toBe(text);
  });
  test("with a byte that is not the reported one is refused, with both hashes", async () => {
    const objects = new MemoryObjectStore(["state"]);
    objects.set("state", reference.key, text.replace("1", "2"));
    const reading = readReceipt(objects, "state", reference);
    await expect(reading).rejects.toThrow(ReceiptMismatchError);
    await expect(reading).rejects.toThrow(new RegExp(`${reference.key} has SHA-256 [0-9a-f]{64}, but .* ${reference.sha256}`));
  });
  test("that the completion message names counts: a result that names another one was changed since", () => {
    const completion = JSON.stringify({ ...REF, type: "batch-completed", receipt: reference });
    expect(reportedReceipt({})).toBeUndefined();
    expect(reportedReceipt({ completion })).toEqual(reference);
    expect(receiptOf({ ...generation, completion }, { receipt: reference })).toEqual(reference);
    expect(() => receiptOf({ ...generation, completion }, RESULT)).toThrow(ReceiptMismatchError);
    for (const other of [
      { ...reference, key: "elsewhere" },
      { ...reference, sha256: "0".repeat(64) },
    ])
      expect(() => receiptOf({ ...generation, completion }, { receipt: other })).toThrow(ReceiptMismatchError);
    expect(receiptOf(generation, { receipt: reference })).toEqual(reference);
  });
});
