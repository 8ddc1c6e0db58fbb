import fc from "fast-check";
import { CHUNK_SHARDS } from "../../../../../systems/batch/contracts/ledger-rows";
import { everyChunkRow } from "../../../../../systems/batch/core/ledger/every-chunk-row";
import { chunkKey } from "../../../../../systems/batch/core/ledger/row-keys";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { collect } from "../../../../support/count-harness";
import { CountingRowStore } from "../../../../support/counting-row-store";
import { FakeClock } from "../../../../support/fakes/clock";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };

test("looks at each partition that a generation's chunks can stand in once, and at no other: sixteen however large it is", async () => {
  for (const [chunkCount, partitions] of [
    [0, 0],
    [1, 1],
    [CHUNK_SHARDS - 1, CHUNK_SHARDS - 1],
    [CHUNK_SHARDS + 1, CHUNK_SHARDS],
    [100_000_000, CHUNK_SHARDS],
  ] as const) {
    const rows = new CountingRowStore(new MemoryRowStore());
    expect(await collect(everyChunkRow(new RowLedger(rows, new FakeClock(0)), REF, chunkCount))).toEqual([]);
    expect(rows.calls).toHaveLength(partitions);
    expect(new Set(rows.calls).size).toBe(partitions);
  }
});

test("gives every claimed chunk once, by index, whichever chunks of the plan they are", () =>
  fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 4 * CHUNK_SHARDS - 1 }), { minLength: 1, maxLength: 12 }), async (claimed) => {
      const ledger = new RowLedger(new MemoryRowStore(), new FakeClock(0));
      for (const index of claimed) await ledger.claimChunk(REF, index, { worker: "a", leaseUntil: 60_000 });
      const rows = await collect(everyChunkRow(ledger, REF, Math.max(...claimed) + 1));
      expect(rows.map(({ index }) => index)).toEqual(claimed.toSorted((a, b) => a - b));
    }),
  ));

test("neighbours don't share a partition: whatever sixteen chunks follow each other, each has its own", () => {
  fc.assert(
    fc.property(fc.nat({ max: 99_999_983 }), (first) => {
      const partitions = Array.from({ length: CHUNK_SHARDS }, (_, offset) => chunkKey(REF, first + offset).pk);
      expect(new Set(partitions).size).toBe(CHUNK_SHARDS);
    }),
  );
});
