import { checkedChange, checkedRow, RowRefusedError } from "../../../../../systems/batch/core/ledger/checked-writes";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { storedChunkSchema } from "../../../../../systems/batch/core/ledger/stored-chunk";
import type { RowChange } from "../../../../../kit/ports/row-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };
const BATCH = batchRecord({ batchId: REF.batchId });
const UNTIL = Date.UTC(2026, 0, 1) + 60_000;
const GROUP = { group: 0, outcomes: "P", finishes: false, leaseUntil: UNTIL, slotMilliseconds: 7 };
const POINTER = { claim: 1, group: 0, bytes: 10, sectionOffset: 5, splits: 2 };
const PLAN = { route: "fleet", fileCount: 1, bytes: 1, splitCount: 1, chunkCount: 1, manifestSha256: "m", planSha256: "p" } as const;
const ESTIMATE = { estimatedSeconds: 1, estimatedCostUsd: 1, acknowledgePer: "file", carriedFileCount: 0 } as const;
const VERSIONS = { code: "1", plan: 1, unicode: "17.0" };
const IDENTITY = { bucket: "b", key: "k", etag: "e", size: 1, lastModified: "2026-01-01T00:00:00.000Z" };

/** Every way to write to the ledger, given something that could be stored and not be read again. */
const WRITES: Readonly<Record<string, (ledger: RowLedger) => Promise<unknown>>> = {
  "a batch with a budget below 0": (ledger) =>
    ledger.createBatch({ ...BATCH, batchId: "01JBATCH000000000000000001", requestId: "r", budgetUsd: -1 }),
  "a batch with a request id that is too long": (ledger) =>
    ledger.createBatch({ ...BATCH, batchId: "01JBATCH000000000000000001", requestId: "r".repeat(257) }),
  "a plan with a fraction of a file": (ledger) => ledger.recordPlan(REF, { ...PLAN, ...ESTIMATE, versions: VERSIONS, fileCount: 1.5 }),
  "a plan that takes less than no time": (ledger) =>
    ledger.recordPlan(REF, { ...PLAN, ...ESTIMATE, versions: VERSIONS, estimatedSeconds: -1 }),
  "a plan whose cost is no number": (ledger) =>
    ledger.recordPlan(REF, { ...PLAN, ...ESTIMATE, versions: VERSIONS, estimatedCostUsd: Number.NaN }),
  "a seal with less than no files": (ledger) =>
    ledger.sealGeneration(REF, { files: { total: -1, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 }, sealedSha256: "s" }),
  "a claim under a lease that ends between two milliseconds": (ledger) =>
    ledger.claimChunk(REF, 0, { worker: "b", leaseUntil: UNTIL + 0.5 }),
  "a renewal of that kind": (ledger) => ledger.renewClaim(REF, 0, 1, UNTIL + 0.5),
  "an intent before the first file": (ledger) => ledger.intend(REF, 0, 1, -1),
  "a commit that took less than no time, as after a clock that went back": (ledger) =>
    ledger.commitGroup(REF, 0, 1, { ...GROUP, slotMilliseconds: -7_200_000 }),
  "a commit that took a fraction": (ledger) => ledger.commitGroup(REF, 0, 1, { ...GROUP, slotMilliseconds: 0.5 }),
  "a commit with an outcome that there is not": (ledger) => ledger.commitGroup(REF, 0, 1, { ...GROUP, outcomes: "Q" }),
  "a commit that points to nothing": (ledger) => ledger.commitGroup(REF, 0, 1, { ...GROUP, partial: { ...POINTER, splits: 0 } }),
  "a host that spoke before all time": (ledger) => ledger.noteHost({ worker: "i-1", at: -1, version: "v" }),
  "a version without a name": (ledger) => ledger.putWorkerVersion({ version: "", announcedAt: 1 }),
  "a demand for ever": (ledger) => ledger.putDemand("x", { capacity: 1, untilEpochSeconds: Number.POSITIVE_INFINITY }),
  "a demand for less than nothing": (ledger) => ledger.putDemand("x", { capacity: -1, untilEpochSeconds: 1 }),
  "an attempt at an upload by nobody": (ledger) => ledger.beginUpload(IDENTITY, { id: "1", worker: "" }),
  "a redrive of no dead letter": (ledger) => ledger.noteUploadRedrive(IDENTITY, ""),
  "an upload of less than nothing": (ledger) => ledger.putUploadException({ ...IDENTITY, size: -1, status: "skipped", reason: "not-text" }),
};

test.each(Object.entries(WRITES))("what could not be read again is not stored: %s", async (_, write) => {
  const rows = new MemoryRowStore();
  const ledger = new RowLedger(rows, new FakeClock());
  await ledger.createBatch(BATCH);
  await ledger.claimChunk(REF, 0, { worker: "a", leaseUntil: UNTIL });
  const before = [...rows.all()];
  await expect(write(ledger)).rejects.toThrow(RowRefusedError);
  expect([...rows.all()]).toEqual(before);
});

describe("a change that is checked", () => {
  const key = { pk: "p", sk: "s" };
  const check = (change: RowChange): RowChange => checkedChange(storedChunkSchema, key, change);

  test("is passed on as it is", () => {
    const change: RowChange = {
      set: { state: "open" },
      setIfAbsent: { claim: 0 },
      add: { deaths: 1 },
      append: { partials: [POINTER] },
      remove: ["suspect"],
    };
    expect(check(change)).toBe(change);
  });

  test.each<[string, RowChange, string]>([
    ["a value of another kind", { set: { state: "ajar" } }, "state"],
    ["the same where nothing is yet", { setIfAbsent: { claim: "one" } }, "claim"],
    ["an attribute that no reader knows", { set: { colour: "red" } }, "colour: no attribute of this kind of row"],
    ["such an attribute that is counted up", { add: { visits: 1 } }, "visits: no attribute of this kind of row"],
    ["a count that goes back", { add: { deaths: -1 } }, "deaths: -1 is no whole number from 0 on that could be added"],
    ["an entry of another kind", { append: { partials: [1] } }, "partials"],
    ["a removal of what every row has", { remove: ["claim"] }, "claim: no row can do without it"],
  ])("is refused for %s, and says for which", (_, change, problem) => {
    expect(() => check(change)).toThrow(RowRefusedError);
    expect(() => check(change)).toThrow(`row p / s is not written: ${problem}`);
  });

  test("a whole row is checked the same way", () => {
    expect(() => checkedRow(storedChunkSchema, key, { index: -1 })).toThrow(RowRefusedError);
  });
});
