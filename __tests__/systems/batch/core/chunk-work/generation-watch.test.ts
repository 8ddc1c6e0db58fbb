import { GenerationWatch } from "../../../../../systems/batch/core/chunk-work/generation-watch";
import { UnknownGenerationError } from "../../../../../systems/batch/core/ledger/errors";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { batchRecord } from "../../../../support/batch-record";
import { FakeClock } from "../../../../support/fakes/clock";

const batchIdOf = (number: number): string => `01JBATCH${String(number).padStart(18, "0")}`;
const refOf = (number: number) => ({ batchId: batchIdOf(number), generation: 1 });

let clock: FakeClock;
let ledger: RowLedger;
let watch: GenerationWatch;
let reads: jest.SpiedFunction<RowLedger["getGeneration"]>;
beforeEach(() => {
  clock = new FakeClock();
  ledger = new RowLedger(new MemoryRowStore(), clock);
  watch = new GenerationWatch(ledger, clock);
  reads = jest.spyOn(ledger, "getGeneration");
});
const create = async (number: number): Promise<void> => {
  await ledger.createBatch(
    batchRecord({
      batchId: batchIdOf(number),
      requestId: `request-${number}`,
      sources: [{ bucket: "uploading", prefix: "in/" }],
      acknowledgePerFileUpTo: 1,
    }),
  );
};

test("invariant 5: META is read anew once it is 5 s old, and not sooner; the batch, which never changes, is read once", async () => {
  await create(1);
  const batches = jest.spyOn(ledger, "getBatch");
  expect((await watch.get(refOf(1))).generation.status).toBe("open");
  await ledger.closeGeneration(refOf(1), "cancelled");
  clock.advance(4_999);
  expect((await watch.get(refOf(1))).generation.status).toBe("open");
  clock.advance(1);
  const { batch, generation } = await watch.get(refOf(1));
  expect([batch.batchId, generation.status]).toEqual([batchIdOf(1), "closed"]);
  expect([reads.mock.calls.length, batches.mock.calls.length]).toEqual([2, 1]);
});

test("slots that ask at the same time share one read", async () => {
  await create(1);
  await Promise.all([watch.get(refOf(1)), watch.get(refOf(1)), watch.get(refOf(1))]);
  expect(reads).toHaveBeenCalledTimes(1);
});

test("a read that failed is not remembered: the next one who asks may get an answer", async () => {
  await create(1);
  reads.mockRejectedValueOnce(new Error("throttled"));
  await expect(watch.get(refOf(1))).rejects.toThrow("throttled");
  expect((await watch.get(refOf(1))).generation.status).toBe("open");
});

test("two generations of one batch are two entries", async () => {
  await create(1);
  await ledger.closeGeneration(refOf(1), "complete");
  await ledger.sealGeneration(refOf(1), {
    files: { total: 0, processed: 0, skipped: 0, quarantined: 0, unfinished: 0 },
    sealedSha256: "s",
  });
  const second = { ...refOf(1), generation: 2 };
  await ledger.openGeneration(refOf(1), { reasons: [] }, "2026-02-01T00:00:00.000Z");
  expect([(await watch.get(refOf(1))).generation.status, (await watch.get(second)).generation.status]).toEqual(["sealed", "open"]);
});

test.each([
  ["a generation", { ...refOf(1), generation: 7 }],
  ["a batch", refOf(9)],
])("%s that the ledger doesn't know is an error that names it", async (_what, ref) => {
  await create(1);
  await expect(watch.get(ref)).rejects.toThrow(UnknownGenerationError);
  await expect(watch.get(ref)).rejects.toThrow(`no generation ${ref.generation} of batch ${ref.batchId}`);
});

test("a generation whose batch's row is gone is unknown, too", async () => {
  await create(1);
  jest.spyOn(ledger, "getBatch").mockResolvedValueOnce(undefined);
  await expect(watch.get(refOf(1))).rejects.toThrow(UnknownGenerationError);
});

test("64 generations are remembered; one more and the one that was read longest ago is read again", async () => {
  for (let number = 0; number < 65; number += 1) await create(number);
  for (let number = 0; number < 64; number += 1) await watch.get(refOf(number));
  clock.advance(5_000);
  // read again: no longer the oldest
  await watch.get(refOf(0));
  clock.advance(4_999);
  reads.mockClear();
  await watch.get(refOf(0));
  expect(reads).not.toHaveBeenCalled();
  await watch.get(refOf(64));
  await watch.get(refOf(0));
  expect(reads).toHaveBeenCalledTimes(1);
  const batches = jest.spyOn(ledger, "getBatch");
  await watch.get(refOf(2));
  expect(batches).not.toHaveBeenCalled();
  await watch.get(refOf(1));
  expect(batches).toHaveBeenCalledTimes(1);
});
