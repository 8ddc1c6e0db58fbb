import { executionName, finishExecutionName } from "../../../../../systems/batch/contracts/state-keys";
import { finishStuck } from "../../../../../systems/batch/core/reconcile/finish-stuck";
import { MINUTE, refOf } from "../finish/finish-world";
import { chunkMessage, RepairWorld } from "./chunk-queues";

const PERIOD = 5 * MINUTE;

let world: RepairWorld;
beforeEach(() => {
  world = new RepairWorld();
});

const run = (): Promise<number> => {
  const { chunkDeadLetters, chunks, deps } = world;
  return finishStuck({ ...deps, queues: [chunks, chunkDeadLetters] });
};
/** Runs each five minutes. @returns the number of the run that ended something, 0 for none */
async function firstEnding(runs: number, between: () => Promise<void> = () => Promise.resolve()): Promise<number> {
  for (let number = 1; number <= runs; number += 1) {
    if ((await run()) > 0) return number;
    world.clock.advance(PERIOD);
    await between();
  }
  return 0;
}

test("a generation whose chunks have no messages for 20 minutes is ended, with their number and the way out", async () => {
  const ref = await world.atWork(1);
  await world.finishChunk(ref, 0, 1_000);
  // the runs at 0, 5, 10 and 15 minutes only watch
  expect(await firstEnding(10)).toBe(5);
  const generation = await world.ledger.getGeneration(ref);
  expect(generation).toMatchObject({ status: "closed", closeCause: "failed" });
  expect(generation?.closeDetail).toMatch(/^2 chunks .*`filemill resume`/);
  expect(world.workflow.stopped).toEqual([executionName(ref)]);
  expect(world.workflow.executions.has(finishExecutionName(ref, 0))).toBe(true);
  expect(await firstEnding(10)).toBe(0);
});

test.each([
  ["waits", "chunks", 0],
  ["is in work", "chunks", 86_400],
  ["is in the dead-letter queue", "chunkDeadLetters", 0],
] as const)("while a message %s nothing is ended", async (_what, queue, leaseSeconds) => {
  const ref = await world.atWork(1);
  await world[queue].send([chunkMessage(ref, 0)]);
  if (leaseSeconds > 0) await world[queue].receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 43_200 });
  expect(await firstEnding(10)).toBe(0);
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
});

test("a message in between begins the time anew", async () => {
  const ref = await world.atWork(1);
  let runs = 0;
  const ending = await firstEnding(20, async () => {
    runs += 1;
    if (runs === 3) await world.chunks.send([chunkMessage(ref, 0)]);
    if (runs === 4) await world.chunks.delete(await world.chunks.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds: 60 }));
  });
  // empty again from the fifth run on
  expect(ending).toBe(9);
});

test("invariant 8: a generation that gets on is not stuck, also when its queue is empty at each look", async () => {
  const ref = await world.atWork(1, {}, { chunkCount: 9 });
  let finished = 0;
  const ending = await firstEnding(20, async () => {
    if (finished < 6) await world.finishChunk(ref, finished, 1_000);
    finished += 1;
  });
  // the sixth chunk was through before the seventh run; four runs later that is 20 minutes ago
  expect(ending).toBe(11);
  expect((await world.ledger.getGeneration(ref))?.closeDetail).toMatch(/^3 chunks /);
});

test("each generation has its own time", async () => {
  await world.atWork(1);
  await run();
  world.clock.advance(10 * MINUTE);
  await world.atWork(2);
  expect(await run()).toBe(0);
  world.clock.advance(10 * MINUTE);
  expect(await run()).toBe(1);
  expect(await world.ledger.getGeneration(refOf(1))).toMatchObject({ status: "closed" });
  expect(await world.ledger.getGeneration(refOf(2))).toMatchObject({ status: "open" });
});

test.each([
  ["a generation of the Lambda route", () => world.atWork(1, {}, { route: "lambda" })],
  [
    "one whose chunks are all through",
    async () => {
      const ref = await world.atWork(1, {}, { chunkCount: 1 });
      await world.finishChunk(ref, 0, 1_000);
      return ref;
    },
  ],
  [
    "one whose execution ended: that is the sweep's",
    async () => {
      const ref = await world.atWork(1);
      world.workflow.end(executionName(ref), "failed");
      return ref;
    },
  ],
  [
    "one that is not planned yet",
    async () => {
      const ref = await world.submit(1);
      await world.workflow.start(ref);
      await world.ledger.takePlace(ref, 10);
      return ref;
    },
  ],
  [
    "one whose last chunk is held: its message was only given back late",
    async () => {
      const ref = await world.atWork(1, {}, { chunkCount: 1 });
      await world.ledger.claimChunk(ref, 0, { worker: "worker", leaseUntil: world.clock.now() + 1_000 * MINUTE });
      return ref;
    },
  ],
])("%s is left alone", async (_what, make) => {
  const ref = await make();
  expect(await firstEnding(10)).toBe(0);
  expect(await world.ledger.getGeneration(ref)).toMatchObject({ status: "open" });
});

test("a claim that was given up, or whose lease is over, holds nothing", async () => {
  const ref = await world.atWork(1, {}, { chunkCount: 2 });
  const leaseUntil = world.clock.now() + 1_000 * MINUTE;
  await world.ledger.claimChunk(ref, 0, { worker: "worker", leaseUntil });
  await world.ledger.releaseClaim(ref, 0, 1, "drain");
  await world.ledger.claimChunk(ref, 1, { worker: "worker", leaseUntil: world.clock.now() + MINUTE });
  expect(await firstEnding(10)).toBe(5);
  expect((await world.ledger.getGeneration(ref))?.closeDetail).toMatch(/^2 chunks /);
});

test("chunks behind the first thousand count too", async () => {
  const ref = await world.atWork(1, {}, { chunkCount: 1_001 });
  await world.finishChunk(ref, 1_000, 1_000);
  await firstEnding(10);
  expect((await world.ledger.getGeneration(ref))?.closeDetail).toMatch(/^1000 chunks /);
});

test("one that can't be ended does not keep the next from it, and its time does not begin anew", async () => {
  await world.atWork(1);
  await world.atWork(2);
  for (let time = 0; time < 4; time += 1) {
    await run();
    world.clock.advance(PERIOD);
  }
  const close = world.ledger.closeGeneration.bind(world.ledger);
  const spy = jest
    .spyOn(world.ledger, "closeGeneration")
    .mockImplementation((ref, ...rest) =>
      ref.batchId === refOf(1).batchId ? Promise.reject(new Error("throttled")) : close(ref, ...rest),
    );
  await expect(run()).rejects.toThrow("throttled");
  expect(await world.ledger.getGeneration(refOf(2))).toMatchObject({ status: "closed" });
  spy.mockRestore();
  expect(await run()).toBe(1);
  expect(await world.ledger.getGeneration(refOf(1))).toMatchObject({ status: "closed" });
});

test("a look that fails does not begin the time anew", async () => {
  const ref = await world.atWork(1);
  for (let time = 0; time < 3; time += 1) {
    await run();
    world.clock.advance(PERIOD);
  }
  jest.spyOn(world.ledger, "getGeneration").mockRejectedValueOnce(new Error("throttled"));
  await expect(run()).rejects.toThrow("throttled");
  world.clock.advance(PERIOD);
  expect(await run()).toBe(1);
  expect(world.logged.at(-1)).toEqual({ event: "chunks_stuck", fields: { ...ref, chunks: 3 } });
});

test("one that is closed already, one without an execution and a place of nobody known are left alone", async () => {
  const closed = await world.atWork(1);
  await world.ledger.closeGeneration(closed, "cancelled");
  await world.atWork(2);
  world.workflow.executions.delete(executionName(refOf(2)));
  await world.ledger.takePlace(refOf(9), 10);
  expect(await firstEnding(10)).toBe(0);
  expect(world.events).toEqual([]);
});

test("a row that a redrive made has no holder, and a lease that ends now holds nothing", async () => {
  const ref = await world.atWork(1, {}, { chunkCount: 2 });
  await world.ledger.countRedrive(ref, 0);
  await world.ledger.claimChunk(ref, 1, { worker: "worker", leaseUntil: world.clock.now() });
  expect(await firstEnding(10)).toBe(5);
  expect((await world.ledger.getGeneration(ref))?.closeDetail).toMatch(/^2 chunks /);
});
