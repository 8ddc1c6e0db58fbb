import { QUARANTINE_REASONS, type FileResult, type QuarantineReason } from "../../../../../systems/batch/contracts/files";
import type { BatchFile } from "../../../../../systems/batch/core/stored-batch/batch-files";
import type { PlannedFile } from "../../../../../systems/batch/core/planning/inspect-file";
import { resumedFiles } from "../../../../../systems/batch/core/planning/resumed-files";
import { BucketMissingError } from "../../../../../kit/ports/object-store";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { collect } from "../../../../support/count-harness";

const BUCKET = "uploading";
const KEY = "in/file.txt";
const FROZEN = { bucket: BUCKET, key: KEY, etag: "frozen", size: 3, lastModified: "2025-12-31T00:00:00.000Z" };

let store: MemoryObjectStore;
beforeEach(() => {
  store = new MemoryObjectStore([BUCKET]);
  store.set(BUCKET, KEY, "what is there now");
});

async function resumed(
  status: FileResult["status"],
  reason: BatchFile["reason"],
  chosen: readonly QuarantineReason[],
): Promise<PlannedFile | undefined> {
  const file: BatchFile = { file: { ...FROZEN, file: 0 }, status, ...(reason === undefined ? {} : { reason }), parts: [], generation: 1 };
  async function* files(): AsyncGenerator<BatchFile> {
    yield await Promise.resolve(file);
  }
  const [planned] = await collect(
    resumedFiles(
      { store, splitBytes: 1_000, unsplittableLimitBytes: 2_000, cut: "words", encoding: "auto", log: () => undefined },
      files(),
      {
        reasons: [...chosen],
      },
    ),
  );
  return planned;
}
const CARRIED = { identity: expect.objectContaining(FROZEN) as unknown, fate: { kind: "carried", from: 1 } };
const AS_FROZEN = { identity: expect.objectContaining(FROZEN) as unknown, fate: { kind: "whole" } };
const OF_CONTENT: readonly QuarantineReason[] = ["missing", "changed", "corrupt-gzip"];

test.each(["processed", "skipped"] as const)("what was %s is carried, whatever reasons were chosen", async (status) => {
  expect(await resumed(status, status === "skipped" ? "not-text" : undefined, QUARANTINE_REASONS)).toEqual(CARRIED);
});

test("what is unfinished is taken up as it was frozen, with no reason chosen", async () => {
  expect(await resumed("unfinished", undefined, [])).toEqual(AS_FROZEN);
});

test.each(QUARANTINE_REASONS)("quarantined as %s: carried unless this very reason was chosen", async (reason) => {
  expect(await resumed("quarantined", reason, [])).toEqual(CARRIED);
  expect(
    await resumed(
      "quarantined",
      reason,
      QUARANTINE_REASONS.filter((other) => other !== reason),
    ),
  ).toEqual(CARRIED);
});

test.each(OF_CONTENT)("quarantined as %s and chosen: planned as what is there now", async (reason) => {
  const { etag } = await store.head(BUCKET, KEY);
  expect(await resumed("quarantined", reason, [reason])).toMatchObject({ identity: { etag, size: 17 }, fate: { kind: "whole" } });
});

test.each(QUARANTINE_REASONS.filter((reason) => !OF_CONTENT.includes(reason)))(
  "quarantined as %s and chosen: planned as it was frozen",
  async (reason) => {
    expect(await resumed("quarantined", reason, [reason])).toEqual(AS_FROZEN);
  },
);

test("what can't be had now is left out as what it is; what says nothing about the file is thrown", async () => {
  store.denied.add(`${BUCKET}/${KEY}`);
  expect((await resumed("quarantined", "missing", ["missing"]))?.fate).toEqual({ kind: "left-out", reason: "access-denied" });
  store.denied.clear();
  store.set(BUCKET, KEY, "x", { storageClass: "GLACIER" });
  expect((await resumed("quarantined", "missing", ["missing"]))?.fate).toEqual({ kind: "left-out", reason: "archived" });
  store.deleteObject(BUCKET, KEY);
  expect(await resumed("quarantined", "missing", ["missing"])).toEqual({
    identity: expect.objectContaining(FROZEN) as unknown,
    fate: { kind: "left-out", reason: "missing" },
  });
  store = new MemoryObjectStore();
  await expect(resumed("quarantined", "missing", ["missing"])).rejects.toThrow(BucketMissingError);
});
