import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import type { Route } from "../../../../../systems/batch/contracts/batch";
import { stopOverdueBatches } from "../../../../../systems/batch/core/finish/stop-batches";
import { slotSecondPriceUsd } from "../../../../../systems/batch/core/pricing/slot-second";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { FinishWorld, HOUR, refOf } from "./finish-world";

const SLOTS = 2;
const SECONDS = 1_000;

let world: FinishWorld;
beforeEach(() => {
  world = new FinishWorld();
});

const stop = (): Promise<number> =>
  stopOverdueBatches({ ...world.deps, slotsPerWorker: SLOTS, store: new MemoryObjectStore(), stateBucket: "state" });
const after = (milliseconds: number): string => new Date(world.clock.now() + milliseconds).toISOString();

test("a slot's second is its share of a spot worker with its address, or 1.73 GB of Lambda", () => {
  expect(slotSecondPriceUsd("fleet", 2)).toBeCloseTo((0.0725 * 0.3 + 0.005) / 3_600 / 2, 12);
  expect(slotSecondPriceUsd("lambda", 2)).toBeCloseTo((1_769 / 1_024) * 0.0000133334, 12);
});

test("a batch is stopped in order once its deadline is reached, not before", async () => {
  const deadline = after(HOUR);
  const ref = await world.atWork(1, { deadline });
  world.clock.advance(HOUR - 1);
  expect(await stop()).toBe(0);
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
  world.clock.advance(1);
  expect(await stop()).toBe(1);
  const generation = await world.ledger.getGeneration(ref);
  expect(generation).toMatchObject({ status: "closed", closeCause: "cancelled" });
  expect(generation?.closeDetail).toContain(deadline);
  expect(generation?.closeDetail).toContain("filemill resume");
  expect(world.workflow.stopped).toEqual([executionName(ref)]);
  expect(world.workflow.executions.has(finishExecutionName(ref, 0))).toBe(true);
});

test.each<Route>(["fleet", "lambda"])("route %s: what slots committed is held against the budget, over all chunks", async (route) => {
  const budgetUsd = 100 * slotSecondPriceUsd(route, SLOTS);
  const ref = await world.atWork(1, { budgetUsd }, { route, chunkCount: 1_002 });
  // two shards of the ledger
  await world.finishChunk(ref, 0, 60 * SECONDS);
  await world.finishChunk(ref, 1_000, 39.9 * SECONDS);
  expect(await stop()).toBe(0);
  await world.finishChunk(ref, 1_001, 0.2 * SECONDS);
  expect(await stop()).toBe(1);
  const generation = await world.ledger.getGeneration(ref);
  expect(generation).toMatchObject({ closeCause: "cancelled" });
  expect(generation?.closeDetail).toContain(String(budgetUsd));
});

test("without deadline and budget no chunk row is read: they cost", async () => {
  await world.atWork(1);
  await world.atWork(2, { deadline: after(HOUR) });
  const rows = jest.spyOn(world.ledger, "chunkRows");
  expect(await stop()).toBe(0);
  expect(rows).not.toHaveBeenCalled();
});

test("a generation that is closed already is not closed again", async () => {
  const ref = await world.atWork(1, { deadline: after(0) });
  await world.ledger.closeGeneration(ref, "complete");
  expect(await stop()).toBe(0);
  expect([...world.workflow.executions.keys()]).toEqual([executionName(ref)]);
});

test("others go on, and a second run changes nothing", async () => {
  const overdue = await world.atWork(1, { deadline: after(0) });
  const other = await world.atWork(2, { deadline: after(HOUR), budgetUsd: 1 });
  expect(await stop()).toBe(1);
  expect(await stop()).toBe(0);
  expect(await world.ledger.getGeneration(other)).toMatchObject({ status: "open" });
  expect(world.workflow.stopped).toEqual([executionName(overdue)]);
});

test("one that can't be stopped does not keep the next from it, and is told of", async () => {
  await world.atWork(1, { deadline: after(0) });
  await world.atWork(2, { deadline: after(0) });
  const close = world.ledger.closeGeneration.bind(world.ledger);
  jest
    .spyOn(world.ledger, "closeGeneration")
    .mockImplementation((ref, ...rest) =>
      ref.batchId === refOf(1).batchId ? Promise.reject(new Error("throttled")) : close(ref, ...rest),
    );
  await expect(stop()).rejects.toThrow();
  expect(await world.ledger.getGeneration(refOf(2))).toMatchObject({ status: "closed", closeCause: "cancelled" });
});

test("a resume after the deadline or the budget was reached goes on without them", async () => {
  const first = await world.atWork(1, { deadline: after(HOUR), budgetUsd: 0.000001 });
  await world.finishChunk(first, 0, 3_600 * SECONDS);
  world.clock.advance(2 * HOUR);
  expect(await stop()).toBe(1);
  await world.report(first);
  await world.ledger.leavePlace(first);
  await world.ledger.openGeneration(first, { reasons: [] }, world.now());
  await world.ledger.takePlace(refOf(1, 2), 10);
  await world.finishChunk(refOf(1, 2), 0, 3_600 * SECONDS);
  expect(await stop()).toBe(0);
  expect(await world.ledger.getGeneration(refOf(1, 2))).toMatchObject({ status: "open" });
});

test("a budget is spent when it is reached, and what was done is logged", async () => {
  const ref = await world.atWork(1, { budgetUsd: 100 * slotSecondPriceUsd("fleet", SLOTS) });
  await world.finishChunk(ref, 0, 100 * SECONDS);
  expect(await stop()).toBe(1);
  const detail = (await world.ledger.getGeneration(ref))?.closeDetail;
  expect(detail).toContain("100 s of slots cost about $0.0004");
  expect(world.logged.find(({ event }) => event === "batch_stopped")?.fields).toEqual({ ...ref, detail });
});

test("what has a place but no plan yet has spent nothing", async () => {
  const ref = await world.submit(1, { budgetUsd: 0.01 });
  await world.ledger.takePlace(ref, 10);
  expect(await stop()).toBe(0);
});
