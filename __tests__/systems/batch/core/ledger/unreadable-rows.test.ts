import fc from "fast-check";
import type { CommitGroup } from "../../../../../systems/batch/ports/ledger";
import { CHUNK_SHARDS } from "../../../../../systems/batch/contracts/ledger-rows";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import {
  batchKey,
  chunkKey,
  demandKey,
  generationKey,
  hostNoteKey,
  shardPartition,
} from "../../../../../systems/batch/core/ledger/row-keys";
import { storedChunkSchema } from "../../../../../systems/batch/core/ledger/stored-chunk";
import { UnreadableRowError } from "../../../../../systems/batch/core/ledger/unreadable-row";
import type { Row, RowValue } from "../../../../../kit/ports/row-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };
const BATCH = batchRecord({ batchId: REF.batchId });
const CLAIMANT = { worker: "a", leaseUntil: Date.UTC(2026, 0, 1) + 60_000 };
const GROUP: CommitGroup = { group: 0, outcomes: "P", finishes: true, leaseUntil: CLAIMANT.leaseUntil, slotMilliseconds: 7 };
const KEY = chunkKey(REF, 3);

const world = (): { rows: MemoryRowStore; ledger: RowLedger; told: UnreadableRowError[] } => {
  const rows = new MemoryRowStore();
  const told: UnreadableRowError[] = [];
  const ledger = new RowLedger(rows, new FakeClock(), (error) => told.push(error));
  return { rows, ledger, told };
};

const value: fc.Arbitrary<RowValue> = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom("", "P", "open", "Z?", "\u{1f600}"),
  fc.boolean(),
  fc.constant([]),
  fc.constant([{ claim: 0 }]),
  fc.constant({ position: "no" }),
);
// closing sets these anew, and nothing of the chunk was in them
const attributes = Object.keys(storedChunkSchema.shape).filter((name) => !["expiresAt", "version", "state"].includes(name));
/** Attributes that are something else, or nothing, than what a chunk's row has there. */
const garbage = fc.dictionary(fc.constantFrom(...attributes), fc.option(value, { nil: undefined }), { minKeys: 1, maxKeys: 3 });

/** @returns whether the row can't be read any more */
async function garble(rows: MemoryRowStore, found: Readonly<Record<string, RowValue | undefined>>): Promise<boolean> {
  const set: Row = Object.fromEntries(Object.entries(found).flatMap(([name, given]) => (given === undefined ? [] : [[name, given]])));
  await rows.update(KEY, { set, remove: Object.keys(found).filter((name) => found[name] === undefined) });
  const row = await rows.get(KEY);
  return !storedChunkSchema.safeParse(row).success;
}

test("one row that can't be read costs its chunk and nothing else: it takes no claim and no commit, and is closed, whatever is in it", async () => {
  let unreadable = 0;
  await fc.assert(
    fc.asyncProperty(garbage, async (found) => {
      const { ledger, rows } = world();
      await ledger.claimChunk(REF, 3, CLAIMANT);
      await ledger.claimChunk(REF, 3 + CHUNK_SHARDS, CLAIMANT);
      fc.pre(await garble(rows, found));
      unreadable += 1;

      expect(await ledger.getChunk(REF, 3)).toMatchObject({
        index: 3,
        state: "closed",
        outcomes: "",
        unreadable: expect.any(String) as string,
      });
      expect(await ledger.claimChunk(REF, 3, { ...CLAIMANT, worker: "b" })).toMatchObject({ status: "closed", row: { index: 3 } });
      const listed = [];
      for await (const { index, state } of ledger.chunkRows(REF, 3)) listed.push([index, state]);
      expect(listed).toEqual([
        [3, "closed"],
        [3 + CHUNK_SHARDS, "open"],
      ]);
      expect(await ledger.closeChunk(REF, 3)).toMatchObject({ index: 3, state: "closed", unreadable: expect.any(String) as string });
      const closed = await rows.get(KEY);
      expect(closed?.["state"]).toBe("closed");
      expect(await ledger.commitGroup(REF, 3, 1, GROUP)).toBe("fenced");
      expect(await ledger.renewClaim(REF, 3, 1, CLAIMANT.leaseUntil)).toBe("fenced");
      expect(await rows.get(KEY)).toEqual(closed);
      expect(await ledger.commitGroup(REF, 3 + CHUNK_SHARDS, 1, GROUP)).toBe("committed");
    }),
    { numRuns: 300 },
  );
  expect(unreadable).toBeGreaterThan(100);
});

test.each([undefined, "ajar", 7])("one whose state alone is none (%p) is closed with what it had", async (state) => {
  const { ledger, rows } = world();
  await ledger.claimChunk(REF, 3, CLAIMANT);
  await ledger.commitGroup(REF, 3, 1, { ...GROUP, finishes: false });
  await garble(rows, { state });
  expect(await ledger.claimChunk(REF, 3, { ...CLAIMANT, worker: "b" })).toMatchObject({ status: "closed" });
  expect(await ledger.closeChunk(REF, 3)).toMatchObject({ state: "closed", outcomes: "P", claim: 1 });
});

test("a row that lost its version is not taken for none and written over", async () => {
  const { ledger, rows } = world();
  await ledger.claimChunk(REF, 3, CLAIMANT);
  await rows.update(KEY, { remove: ["version"] });
  const before = await rows.get(KEY);
  expect(await ledger.claimChunk(REF, 3, { ...CLAIMANT, worker: "b" })).toMatchObject({ status: "closed" });
  expect(await rows.get(KEY)).toEqual(before);
});

test("a row under another chunk's key can't be read as that chunk", async () => {
  const { ledger, rows } = world();
  await ledger.claimChunk(REF, 3 + CHUNK_SHARDS, CLAIMANT);
  await rows.put(KEY, { ...(await rows.get(chunkKey(REF, 3 + CHUNK_SHARDS))) });
  expect(await ledger.getChunk(REF, 3)).toMatchObject({ index: 3, unreadable: expect.stringContaining("index") as string });
});

test.each([
  ["partials", "version"],
  ["slotMilliseconds", "version"],
])("invariant 1: a row that lost its %s and its %s takes no commit that would make it look whole again", async (...lost) => {
  const { ledger, rows } = world();
  await ledger.claimChunk(REF, 3, CLAIMANT);
  expect(await ledger.commitGroup(REF, 3, 1, { ...GROUP, finishes: false })).toBe("committed");
  await rows.update(KEY, { remove: lost });
  const second = { ...GROUP, group: 1, outcomes: `${GROUP.outcomes}P`, finishes: true };
  expect(await ledger.commitGroup(REF, 3, 1, second)).toBe("fenced");
  await ledger.releaseClaim(REF, 3, 1, "failed");
  expect(await ledger.renewClaim(REF, 3, 1, 7)).toBe("fenced");
  expect(await ledger.getChunk(REF, 3)).toMatchObject({ outcomes: "", unreadable: expect.any(String) as string });
});

test("what is wrong with a service is not taken for the row's fault", async () => {
  const { ledger, rows } = world();
  await ledger.claimChunk(REF, 3, CLAIMANT);
  jest.spyOn(rows, "update").mockRejectedValue(new Error("throttled"));
  await expect(ledger.closeChunk(REF, 3)).rejects.toThrow("throttled");
  await expect(ledger.countRedrive(REF, 9)).rejects.toThrow("throttled");
});

describe("a list goes on without rows that can't be read, and says so", () => {
  test.each([
    ["batches", batchKey("01JBATCH000000000000000001"), (ledger: RowLedger) => ledger.listBatches(9), [BATCH]],
    ["hosts", hostNoteKey("i-9"), (ledger: RowLedger) => ledger.hostNotes(), [{ worker: "i-1", at: 5, version: "v1" }]],
    ["demands", demandKey("x"), (ledger: RowLedger) => ledger.demandedCapacity(0), 3],
  ])("%s", async (_, key, list, expected) => {
    const { ledger, rows, told } = world();
    await ledger.createBatch(BATCH);
    await ledger.noteHost({ worker: "i-1", at: 5, version: "v1" });
    await ledger.putDemand("batch-g1", { capacity: 3, untilEpochSeconds: 77 });
    await rows.put(key, { until: "for ever", latestGeneration: -1 });
    expect(await list(ledger)).toEqual(expected);
    expect(told.map(({ message }) => message)).toEqual([expect.stringContaining(`row ${key.pk} / ${key.sk} of the ledger can't be read`)]);
  });
});

test("one row that was asked for and can't be read is an error with cause, value and fix", async () => {
  const { ledger, rows } = world();
  await ledger.createBatch(BATCH);
  await rows.update(generationKey(REF), { set: { status: "lost" } });
  await rows.update(batchKey(REF.batchId), { set: { latestGeneration: 0 } });
  const reading = ledger.getGeneration(REF);
  await expect(reading).rejects.toThrow(UnreadableRowError);
  await expect(reading).rejects.toThrow(/^row BATCH#\S+ \/ META of the ledger can't be read: .*status/);
  await expect(ledger.getBatch(REF.batchId)).rejects.toThrow(/latestGeneration/);
});

test("chunks of one shard lie under one partition, which holds nothing else", () => {
  expect(KEY.pk).toBe(shardPartition(REF, 3));
});
