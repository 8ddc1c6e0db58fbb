import fc from "fast-check";
import type { FailureLimit } from "../../../../../systems/batch/contracts/batch";
import { failureLimitText, tooManyFailures } from "../../../../../systems/batch/core/failures/failure-limit";
import { stopOverdueBatches } from "../../../../../systems/batch/core/finish/stop-batches";
import { isPlanned } from "../../../../../systems/batch/core/stored-batch/sealed-files";
import { GenerationWorld, PREFIX, SOURCE, STATE, type Decide, type Decision } from "../../../../support/generation-world";

let world: GenerationWorld;
beforeEach(() => {
  world = new GenerationWorld();
});
afterEach(() => {
  world.dispose();
});

/** Above 120 bytes a file is split by range: three ranges here. */
const GIANT = "some words of a giant file ".repeat(12);
async function plan(count: number, giants: readonly number[] = [], failureLimit?: FailureLimit): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await world.store.put(SOURCE, `${PREFIX}${String(index).padStart(3, "0")}.txt`, giants.includes(index) ? GIANT : "some words");
  }
  await world.createBatch(failureLimit === undefined ? {} : { failureLimit });
  await world.plan(1);
}
async function look(limit: FailureLimit): Promise<string | undefined> {
  const generation = await world.record(1);
  if (!isPlanned(generation)) throw new Error("it has no plan");
  return tooManyFailures({ ledger: world.ledger, store: world.store, stateBucket: STATE }, generation, limit);
}
const stop = (): Promise<number> =>
  stopOverdueBatches({
    ledger: world.ledger,
    workflow: world.workflow,
    clock: world.clock,
    log: () => undefined,
    store: world.store,
    stateBucket: STATE,
    slotsPerWorker: 2,
  });

test("files in quarantine are too many exactly when there are more than may be; a split file counts once, and when it is settled", async () => {
  const decision = fc.constantFrom<Decision>("work", "w", "m", "c", "n", "stop");
  await fc.assert(
    fc.asyncProperty(fc.array(decision, { minLength: 1, maxLength: 14 }), fc.nat(13), async (decisions, giant) => {
      world.dispose();
      world = new GenerationWorld();
      await plan(decisions.length, [giant]);
      const decide: Decide = ({ file }) => decisions[file] ?? "work";
      await world.work(1, decide);
      // what is sealed is what was committed
      await world.finish(1);
      const quarantined = world.resultLines(1).filter(({ status }) => status === "quarantined").length;
      expect(await look({ files: quarantined })).toBeUndefined();
      const percent = (100 * quarantined) / decisions.length;
      expect(await look({ percent: percent + 0.001 })).toBeUndefined();
      const words = `${quarantined} of its ${decisions.length} files are quarantined`;
      const above = [await look({ files: quarantined - 1 }), await look({ percent: percent - 0.001 })];
      expect(above).toEqual([expect.stringContaining(words), expect.stringContaining(words)]);
    }),
    { numRuns: 15 },
  );
});

test("files that the plan itself quarantined count, and skipped ones don't", async () => {
  await world.store.put(SOURCE, `${PREFIX}zip`, "PK\u0003\u0004");
  await plan(3);
  await world.work(1, () => "n");
  expect(await look({ files: 0 })).toBeUndefined();
  const generation = await world.record(1);
  expect(generation.plan).toMatchObject({ fileCount: 4, quarantinedFileCount: 0 });
});

test("the batch is closed as failed with its reason, once; each file keeps one state, and a resume goes on without the limit", async () => {
  await plan(20, [], { percent: 10 });
  expect(await stop()).toBe(0);
  await world.work(1, ({ file }) => (file < 2 ? "w" : file < 4 ? "work" : "stop"));
  expect(await stop()).toBe(0);
  await world.work(1, ({ file }) => (file >= 4 && file < 8 ? "m" : file < 4 ? "work" : "stop"));
  expect(await stop()).toBe(1);
  expect(await stop()).toBe(0);
  const { closeCause, closeDetail, status } = await world.record(1);
  expect({ closeCause, status }).toEqual({ closeCause: "failed", status: "closed" });
  expect(closeDetail).toMatch(/^6 of its 20 files are quarantined, more than --stop-after-failures 10% allows; .*filemill resume/);
  expect(await world.finish(1, "failed")).toMatchObject({
    status: "failed",
    files: { total: 20, processed: 2, quarantined: 6, unfinished: 12 },
  });
  await world.resume();
  await world.plan(2);
  await world.work(2, () => "w");
  expect(await stop()).toBe(0);
  expect(await world.finish(2)).toMatchObject({ status: "completed", files: { processed: 2, quarantined: 18, unfinished: 0 } });
});

test("without a limit no row is read", async () => {
  await plan(2);
  const rows = jest.spyOn(world.ledger, "chunkRows");
  expect(await stop()).toBe(0);
  expect(rows).not.toHaveBeenCalled();
});

test("a limit is told as it was given", () => {
  expect([failureLimitText({ files: 3 }), failureLimitText({ percent: 2.5 })]).toEqual(["3", "2.5%"]);
});
