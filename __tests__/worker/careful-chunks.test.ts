import { setImmediate as nextTurn } from "node:timers/promises";
import { REF, SOURCE } from "../support/batch-world";
import { until } from "../support/until";
import { hangs, WorkerBench } from "../support/worker-bench";
import { s3Event, type WorkerWorld } from "../support/worker-world";

/** Less than a lease, which passing time alone is not to end. */
const PROGRESS_SECONDS = 30;
const TOO_LONG_MILLISECONDS = 31_000;

describe("a chunk whose worker died before", () => {
  let bench: WorkerBench;
  let world: WorkerWorld;
  beforeEach(() => {
    bench = new WorkerBench();
    ({ world } = bench);
  });
  afterEach(() => {
    world.dispose();
  });

  /** One works, the other one waits for it. */
  const untilOneWaits = async (): Promise<void> => {
    await until(() => world.events.filter(({ event }) => event === "chunk_claimed").length === 2);
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
  };
  const dieOf = async (index: number): Promise<void> => {
    await world.ledger.claimChunk(REF, index, { worker: "i-0", leaseUntil: 0 });
  };

  test("invariant 7: it is worked on alone: no other chunk and no upload beside it; then they go on", async () => {
    await bench.plan(1);
    for (const index of [1, 2]) await dieOf(index);
    for (let file = 0; file < 6; file += 1) world.store.set(SOURCE, `up-${file}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 6 }, (_, file) => s3Event(`up-${file}.txt`)));
    const active = new Set<string>();
    const beside = new Map<string, number>();
    let most = 0;
    bench.onRead(async (key) => {
      active.add(key);
      most = Math.max(most, active.size);
      for (const each of active) beside.set(each, Math.max(beside.get(each) ?? 0, active.size));
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      active.delete(key);
    });
    const running = bench.start({ slots: 4 });
    await until(() => world.callback.calls.length === 4 && world.queues.jobs.bodies.length === 0);
    await bench.end(running);
    expect(most).toBeGreaterThan(1);
    expect([beside.get("in/b.txt"), beside.get("in/c.txt")]).toEqual([1, 1]);
    const rows = await Promise.all([0, 1, 2, 3].map((index) => bench.row(index)));
    expect(rows.map(({ deaths, state }) => [state, deaths])).toEqual([
      ["finished", 0],
      ["finished", 1],
      ["finished", 1],
      ["finished", 0],
    ]);
    expect(world.sent()).toHaveLength(10);
  });

  test("invariant 8: while it waits its claim is renewed, and waiting is no want of progress, as hanging is", async () => {
    await bench.plan(2);
    await dieOf(1);
    let released = false;
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      // a neighbour that doesn't even end when its lease is gone
      if (key === "in/a.txt") await until(() => released);
      return get(bucket, key, options);
    });
    const renew = jest.spyOn(world.ledger, "renewClaim");
    const lost = (): unknown[] => world.events.filter(({ event }) => event === "lease_lost").map(({ fields }) => fields["jobId"]);
    const running = bench.start({ progressTimeoutSeconds: PROGRESS_SECONDS }, bench.hastily());
    await untilOneWaits();
    bench.passedMilliseconds += TOO_LONG_MILLISECONDS;
    await until(() => lost().length > 0);
    renew.mockClear();
    bench.passedMilliseconds += TOO_LONG_MILLISECONDS;
    await until(() => renew.mock.calls.length >= 4);
    expect(new Set(renew.mock.calls.map(([, index, claim]) => `${index} ${claim}`))).toEqual(new Set(["1 2"]));
    expect(lost()).toEqual(["chunks-1"]);
    released = true;
    await until(() => world.callback.calls.length === 2);
    await bench.end(running);
    expect(await bench.row(0)).toMatchObject({ state: "finished", claim: 2, released: { claim: 1, cause: "no-progress" }, deaths: 0 });
    expect(await bench.row(1)).toMatchObject({ state: "finished", claim: 2, deaths: 1 });
  });

  test("invariant 8: once it is alone it is asked for progress like any other", async () => {
    await bench.plan(2);
    await dieOf(1);
    let hung = false;
    bench.onRead(async (key) => {
      if (key !== "in/c.txt" || hung) return;
      hung = true;
      // its neighbour's message is gone: no other lease is kept
      await until(() => world.queues.chunks.contents.length === 1);
      bench.passedMilliseconds += TOO_LONG_MILLISECONDS;
      await hangs();
    });
    const running = bench.start({ progressTimeoutSeconds: PROGRESS_SECONDS }, bench.hastily());
    await until(() => world.callback.calls.length === 2);
    await bench.end(running);
    expect(await bench.row(1)).toMatchObject({ state: "finished", claim: 3, released: { claim: 2, cause: "no-progress" } });
  });

  test("while it waits no more messages are taken from the queues: other workers have room for them", async () => {
    await bench.plan(2);
    await dieOf(1);
    const read = new Set<string>();
    let released = false;
    bench.onRead(async (key) => {
      read.add(key);
      await until(() => released);
    });
    const running = bench.start({ slots: 4 });
    await until(() => read.size > 0 && world.events.filter(({ event }) => event === "chunk_claimed").length === 2);
    for (const key of ["up-1.txt", "up-2.txt"]) world.store.set(SOURCE, key, "delta");
    // the poll that was under way takes the first, which then waits; nobody asks for the second
    await world.queues.jobs.send([s3Event("up-1.txt")]);
    await until(() => world.events.filter(({ event }) => event === "message_received").length === 3);
    await world.queues.jobs.send([s3Event("up-2.txt")]);
    for (let turn = 0; turn < 50; turn += 1) await nextTurn();
    expect(await world.queues.jobs.read()).toEqual({ visible: 1, inFlight: 1 });
    // those of the other chunk, the second one ahead
    expect([...read]).toEqual(["in/a.txt", "in/b.txt"]);
    released = true;
    await until(() => world.callback.calls.length === 2 && world.queues.jobs.bodies.length === 0);
    await bench.end(running);
  });

  test("invariant 3: a lease that is lost while it waits ends the waiting: it intends nothing and works on nothing", async () => {
    await bench.plan(2);
    await dieOf(1);
    const intend = jest.spyOn(world.ledger, "intend");
    let released = false;
    bench.onRead(async () => {
      await until(() => released);
    });
    const extend = world.queues.chunks.extend.bind(world.queues.chunks);
    jest.spyOn(world.queues.chunks, "extend").mockImplementation(async (messages, seconds) => {
      const lost = messages.filter(({ messageId }) => messageId === "chunks-2");
      return [...lost, ...(await extend(messages, seconds))];
    });
    const running = bench.start({}, bench.hastily());
    await until(() => world.indexOf("lease_lost") >= 0);
    released = true;
    await until(() => world.callback.calls.length === 1);
    await bench.end(running);
    expect(intend.mock.calls).toEqual([]);
    const waited = await bench.row(1);
    expect([waited.claim, waited.outcomes, waited.released]).toEqual([2, "", { claim: 2, cause: "failed" }]);
  });

  test("S1.47: told to stop while it waits, it gives the chunk back at once, released as drained", async () => {
    await bench.plan(2);
    await dieOf(1);
    let reads = 0;
    let released = false;
    bench.onRead(async () => {
      reads += 1;
      await until(() => released);
    });
    const running = bench.start();
    await until(() => reads > 0 && world.events.filter(({ event }) => event === "chunk_claimed").length === 2);
    bench.stop.abort();
    await until(() => world.indexOf("claim_released") >= 0);
    // the other one still works
    expect(await bench.row(1)).toMatchObject({ outcomes: "", released: { claim: 2, cause: "drain" } });
    await until(() => world.queues.chunks.contents.length === 2);
    expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 1 });
    released = true;
    await running;
    expect(await bench.row(0)).toMatchObject({ outcomes: "P", released: { claim: 1, cause: "drain" } });
    expect(await world.queues.chunks.read()).toEqual({ visible: 2, inFlight: 0 });
  });
});
