import { createHash } from "node:crypto";
import { batchDocument, batchDocumentSchema, secondsOf } from "../../../core/results/batch-document";
import { readBatchResult, readFileResults, readReceipt, ReceiptMismatchError } from "../../../core/results/batch-results";
import { StoredFormatError } from "../../../core/stored-json";
import { receiptOf, reportedReceipt } from "../../../core/results/completion";
import { receiptKey, resultKey, resultsKey } from "../../../core/contracts/state-keys";
import type { BatchResult, FileResult } from "../../../core/contracts/files";
import { ObjectMissingError } from "../../../core/ports/object-store";
import { MemoryObjectStore } from "../../../simulator/memory/memory-object-store";
import { batchRecord } from "../../support/batch-record";

const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 2 };
const RESULT: BatchResult = {
  ...REF,
  status: "completed",
  route: "fleet",
  files: { total: 2, processed: 1, skipped: 0, quarantined: 1, unfinished: 0 },
  bytes: 20,
  invalidBytes: 0,
  doubtfulFiles: 0,
  totalWords: 4,
  distinctWords: 2,
  overlongWords: 0,
  words: [{ word: "größe", count: 3 }],
  manifestSha256: "0".repeat(64),
  receipt: { key: receiptKey(REF), sha256: "2".repeat(64) },
};
const LINES: FileResult[] = [
  {
    filename: "a\u2028b.txt",
    status: "processed",
    bytes: 10,
    encoding: "utf-8",
    textBytes: 10,
    invalidBytes: 0,
    totalWords: 4,
    distinctWords: 2,
    overlongWords: 0,
    words: [{ word: "größe", count: 3 }],
  },
  {
    filename: "ü".repeat(40_000),
    status: "quarantined",
    reason: "corrupt-gzip",
    bytes: 10,
    textBytes: 0,
    invalidBytes: 0,
    totalWords: 0,
    distinctWords: 0,
    overlongWords: 0,
    words: [],
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
    "invalidBytes",
    "doubtfulFiles",
    "totalWords",
    "distinctWords",
    "overlongWords",
    "words",
    "seconds",
    "manifestSha256",
    "receipt",
  ]);
});

test("seconds go from submission, of a later generation from its opening, to the completion message", () => {
  const batch = batchRecord({
    batchId: REF.batchId,
    requestId: "r",
    sources: [{ bucket: "uploading", prefix: "" }],
    acknowledgePerFileUpTo: 1,
    latestGeneration: 2,
  });
  const generation = { ...REF, status: "sealed", openedAt: "2026-01-01T00:01:00.000Z" } as const;
  const completionSentAt = "2026-01-01T00:01:00.250Z";
  expect(secondsOf(batch, { ...generation, generation: 1, completionSentAt })).toBe(60.25);
  expect(secondsOf(batch, { ...generation, completionSentAt })).toBe(0.25);
  expect(() => secondsOf(batch, generation)).toThrow(/has not been reported/);
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
