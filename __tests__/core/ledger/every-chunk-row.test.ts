import fc from "fast-check";
import { CHUNKS_PER_SHARD } from "../../../core/contracts/ledger-rows";
import { everyChunkRow } from "../../../core/ledger/every-chunk-row";
import { RowLedger } from "../../../core/ledger/row-ledger";
import { MemoryRowStore } from "../../../simulator/memory/memory-row-store";
import { collect } from "../../support/count-harness";
import { CountingRowStore } from "../../support/counting-row-store";
import { FakeClock } from "../../support/fakes/clock";

const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };

test("looks at each partition that a generation's chunks can stand in once, in order, and at no other", async () => {
  for (const [chunkCount, partitions] of [
    [0, 0],
    [1, 1],
    [CHUNKS_PER_SHARD, 1],
    [CHUNKS_PER_SHARD + 1, 2],
    [3 * CHUNKS_PER_SHARD, 3],
  ] as const) {
    const rows = new CountingRowStore(new MemoryRowStore());
    expect(await collect(everyChunkRow(new RowLedger(rows, new FakeClock(0)), REF, chunkCount))).toEqual([]);
    expect(rows.calls).toHaveLength(partitions);
    expect(rows.calls).toEqual([...new Set(rows.calls)].sort());
  }
});

test("gives every claimed chunk once, by index, whichever chunks of the plan they are", () =>
  fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat({ max: 4 * CHUNKS_PER_SHARD - 1 }), { minLength: 1, maxLength: 12 }), async (claimed) => {
      const ledger = new RowLedger(new MemoryRowStore(), new FakeClock(0));
      for (const index of claimed) await ledger.claimChunk(REF, index, { worker: "a", leaseUntil: 60_000 });
      const rows = await collect(everyChunkRow(ledger, REF, Math.max(...claimed) + 1));
      expect(rows.map(({ index }) => index)).toEqual(claimed.toSorted((a, b) => a - b));
    }),
  ));
