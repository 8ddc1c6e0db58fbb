import { createHash } from "node:crypto";
import { type FileResult } from "../../../../../systems/batch/contracts/files";
import { type FileIdentity } from "../../../../../kit/ports/object-identity";
import type { GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { receiptSchema, type Receipt } from "../../../../../systems/batch/contracts/receipt";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { ReceiptMaker } from "../../../../../systems/batch/core/receipt/make-receipt";
import { statusOf } from "../../../../../systems/batch/core/stored-batch/batch-status";
import { batchRecord } from "../../../../support/batch-record";
import { fileWords, NOTHING_MADE } from "../../../../support/word-count";

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
const TOTAL = { invalidBytes: 0, doubtfulFiles: 0, totalWords: 0, distinctWords: 0, overlongWords: 0 };
const resultOf = (status: FileResult["status"], reason?: FileResult["reason"]): FileResult => ({
  filename: "a",
  status,
  ...(reason === undefined ? {} : { reason }),
  bytes: 7,
  ...NOTHING_MADE,
  ...(status === "processed" ? { result: fileWords() } : {}),
});
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const FOUR = [
  resultOf("processed"),
  resultOf("skipped", "not-text"),
  resultOf("quarantined", "missing"),
  resultOf("unfinished", "cancelled"),
];

function receiptOf(change: Partial<GenerationRecord>, results = FOUR, identity = IDENTITY): Receipt {
  const maker = new ReceiptMaker(BATCH, { ...SEALED, ...change });
  for (const result of results) maker.addFile(identity, result);
  return receiptSchema.parse(JSON.parse(maker.finish(TOTAL).receipt));
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
  const counted = '{"distinctWords":0,"encoding":"utf-8","invalidBytes":0,"overlongWords":0,"textBytes":0,"totalWords":0,"words":[]}';
  const hashOf = (versionId: string | null): string =>
    sha256(`["a","uploading","in/a","\\"e\\"",7,${JSON.stringify(versionId)},"processed",null,null,${counted},[]]\n`);
  expect(receiptOf(one, FOUR.slice(0, 1)).filesSha256).toBe(hashOf(null));
  expect(receiptOf(one, FOUR.slice(0, 1), { ...IDENTITY, versionId: "v7" }).filesSha256).toBe(hashOf("v7"));
});

test("what was wrong with a file is part of what a receipt vouches for", () => {
  const one = { files: { total: 1, processed: 0, skipped: 0, quarantined: 1, unfinished: 0 } };
  const told = { ...resultOf("quarantined", "missing"), detail: "it is gone" };
  expect(receiptOf(one, [told]).filesSha256).toBe(
    sha256('["a","uploading","in/a","\\"e\\"",7,null,"quarantined","missing","it is gone",null,[]]\n'),
  );
});

test("outputs are part of what a receipt vouches for: their names, sizes and hashes, of each file and of all", () => {
  const two = { files: { total: 2, processed: 2, skipped: 0, quarantined: 0, unfinished: 0 } };
  const output = (name: string, bytes: number) => ({ name, key: `outputs/${name}`, bytes, sha256: sha256(name) });
  const made = [output("a/1.txt", 3), output("é.bin", 4)];
  const results = [
    { ...resultOf("processed"), result: null, outputs: made },
    { ...resultOf("processed"), filename: "b", result: 1 },
  ];
  const lines = made.map(({ bytes, name, sha256: hash }) => JSON.stringify([name, bytes, hash]));
  const { filesSha256, outputs } = receiptOf(two, results);
  const identity = '"uploading","in/a","\\"e\\"",7,null,"processed",null,null';
  expect(filesSha256).toBe(sha256(`["a",${identity},null,[${lines.join()}]]\n["b",${identity},1,[]]\n`));
  expect(outputs).toEqual({ files: 2, bytes: 7, sha256: sha256(lines.map((line) => `["a",${line.slice(1)}\n`).join("")) });
});

test("a receipt names the workload, and what the batch brought along for it", () => {
  const artefacts = [{ name: "archive", key: "artefacts/1", sha256: sha256("archive"), bytes: 7 }];
  const workload = { ...BATCH.workload, version: "another", artefacts };
  const maker = new ReceiptMaker({ ...BATCH, workload }, SEALED);
  for (const result of FOUR) maker.addFile(IDENTITY, result);
  expect(receiptSchema.parse(JSON.parse(maker.finish(TOTAL).receipt)).workload).toEqual(workload);
});

test.each(["closeCause", "files"] as const)("a generation without %s has not ended in any way", (name) => {
  expect(() => statusOf({ ...SEALED, [name]: undefined })).toThrow("not sealed");
});
