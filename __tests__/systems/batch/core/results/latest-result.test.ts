import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { present } from "../../../../../kit/lib/present";
import { latestReported } from "../../../../../systems/batch/core/results/latest-result";
import { BATCH_ID, GenerationWorld, PREFIX, SOURCE } from "../../../../support/generation-world";

describe("the newest generation whose result is written", () => {
  let world: GenerationWorld;
  beforeEach(async () => {
    world = new GenerationWorld();
    await world.createBatch();
    world.store.set(SOURCE, `${PREFIX}a.txt`, "delta words");
  });
  afterEach(() => {
    world.dispose();
  });
  const latest = async (): Promise<number | undefined> =>
    (await latestReported(world.ledger, present(await world.ledger.getBatch(BATCH_ID), "the batch")))?.generation;

  test("is none before the first is reported", async () => {
    expect(await latest()).toBeUndefined();
    await world.plan(1);
    expect(await latest()).toBeUndefined();
  });

  test("is the superseded one while the next is at work, then the next", async () => {
    await world.run(1, () => "g");
    expect(await latest()).toBe(1);
    await world.resume(["corrupt-gzip"]);
    expect(await latest()).toBe(1);
    await world.run(2, () => "g");
    expect(await latest()).toBe(2);
    await world.resume(["corrupt-gzip"]);
    expect(await latest()).toBe(2);
  });

  test("is an error when the ledger lacks a generation that the batch counts", async () => {
    const batch = present(await world.ledger.getBatch(BATCH_ID), "the batch");
    await expect(latestReported(world.ledger, { ...batch, latestGeneration: 2 })).rejects.toThrow(BatchStateError);
  });
});
