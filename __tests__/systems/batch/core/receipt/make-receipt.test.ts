import { createHash } from "node:crypto";
import { type FileResult } from "../../../../../systems/batch/contracts/files";
import { NO_WORDS } from "../../../../../workloads/word-count/results";
import { type FileIdentity } from "../../../../../kit/ports/object-identity";
import type { GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { receiptSchema, type Receipt } from "../../../../../systems/batch/contracts/receipt";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { ReceiptMaker } from "../../../../../systems/batch/core/receipt/make-receipt";
import { statusOf } from "../../../../../systems/batch/core/stored-batch/batch-status";
import { batchRecord } from "../../../../support/batch-record";

const BATCH = batchRecord();
const SEALED: GenerationRecord = {
  batchId: BATCH.batchId,
  generation: 1,
  status: "sealed",
  openedAt: BATCH.submittedAt,
  closeCause: "complete",
  files: { total: 4, processed: 1, skipped: 1, quarantined: 1, unfinished: 1 },
  sealedSha256: "0".repeat(64),
};
const IDENTITY: FileIdentity = { bucket: "uploading", key: "in/a", etag: '"e"', size: 7, lastModified: "2026-01-01T00:00:00.000Z" };
const TOTALS = { invalidBytes: 0, doubtfulFiles: 0, totalWords: 0, distinctWords: 0, overlongWords: 0 };
const resultOf = (status: FileResult["status"], reason?: FileResult["reason"]): FileResult => ({
  filename: "a",
  status,
  ...(reason === undefined ? {} : { reason }),
  bytes: 7,
  ...(status === "processed" ? { encoding: "utf-8" } : {}),
  ...NO_WORDS,
});
const FOUR = [
  resultOf("processed"),
  resultOf("skipped", "not-text"),
  resultOf("quarantined", "missing"),
  resultOf("unfinished", "cancelled"),
];

function receiptOf(change: Partial<GenerationRecord>, results = FOUR, identity = IDENTITY): Receipt {
  const maker = new ReceiptMaker(BATCH, { ...SEALED, ...change });
  for (const result of results) maker.addFile(identity, result);
  return receiptSchema.parse(JSON.parse(maker.finish(TOTALS).receipt));
}

test("a receipt is given for the files that the seal counted", () => {
  expect(receiptOf({})).toMatchObject({ status: "failed", files: SEALED.files });
});

test.each([
  ["one more in all", { total: 5 }],
  ["another processed", { processed: 2 }],
  ["another skipped", { skipped: 2 }],
  ["another quarantined", { quarantined: 2 }],
  ["another unfinished", { unfinished: 2 }],
])("invariant 1: no receipt is given when the seal counted %s", (_, change) => {
  expect(() => receiptOf({ files: { total: 4, processed: 1, skipped: 1, quarantined: 1, unfinished: 1, ...change } })).toThrow(
    BatchStateError,
  );
});

test.each(["closeCause", "files", "sealedSha256"] as const)("no receipt is given for a generation sealed without its %s", (name) => {
  expect(() => receiptOf({ [name]: undefined })).toThrow(BatchStateError);
});

test("the version of an object is part of what a receipt vouches for", () => {
  const one = { files: { total: 1, processed: 1, skipped: 0, quarantined: 0, unfinished: 0 } };
  const hashOf = (versionId: string | null): string =>
    createHash("sha256")
      .update(`${JSON.stringify(["a", "uploading", "in/a", '"e"', 7, versionId, "processed", null, "utf-8", 0, 0, 0, 0, 0, []])}\n`)
      .digest("hex");
  expect(receiptOf(one, FOUR.slice(0, 1)).filesSha256).toBe(hashOf(null));
  expect(receiptOf(one, FOUR.slice(0, 1), { ...IDENTITY, versionId: "v7" }).filesSha256).toBe(hashOf("v7"));
});

test.each(["closeCause", "files"] as const)("a generation without %s has not ended in any way", (name) => {
  expect(() => statusOf({ ...SEALED, [name]: undefined })).toThrow("not sealed");
});
