import { runWorker } from "../../worker/compose";
import { REF, SOURCE } from "../support/batch-world";
import { holdFiles } from "../support/hold-files";
import { until } from "../support/until";
import { readInItsTurn } from "../support/worker-bench";
import { s3Event, TEN_FILES, WorkerWorld } from "../support/worker-world";

describe("a worker told to stop", () => {
  let world: WorkerWorld;
  beforeEach(() => {
    world = new WorkerWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  test("S1.47: told to stop in the middle, it drains poller, slots, collector in that order and leaves the rest to others", async () => {
    await world.plan(
      TEN_FILES.map((file, index) => (index === 3 ? readInItsTurn(file.name) : file)),
      { filesPerChunk: 10 },
    );
    await world.queues.chunks.send(world.chunkMessages());
    const stop = new AbortController();
    const get = world.store.get.bind(world.store);
    let reads = 0;
    jest.spyOn(world.store, "get").mockImplementation((bucket, key, options) => {
      if (bucket === SOURCE && (reads += 1) === 4) stop.abort();
      return get(bucket, key, options);
    });
    expect(await runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal)).toBe("stopped");
    const order = ["drain_started", "poller_stopped", "slots_stopped", "collector_stopped"].map((event) => world.indexOf(event));
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({
      outcomes: "PPPP",
      state: "open",
      released: { claim: 1, cause: "drain" },
      holder: { worker: "i-1" },
    });
    expect(world.queues.results.bodies).toHaveLength(4);
    expect(world.callback.calls).toEqual([]);
    expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(new Set(world.sent().map(({ messageId }) => messageId)).size).toBe(TEN_FILES.length);
  });

  test("S1.119: as many jobs as slots at a time, never more, and buffered ones are given back when it stops", async () => {
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 10; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 10 }, (_, index) => s3Event(`${index}.txt`)));
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 3 }), stop.signal);
    await until(() => held.count === 3);
    stop.abort();
    await until(() => world.indexOf("poller_stopped") >= 0);
    held.release();
    await running;
    expect(held.most).toBe(3);
    expect(world.queues.results.bodies).toHaveLength(3);
    expect(await world.queues.jobs.read()).toEqual({ visible: 7, inFlight: 0 });
  });

  test("S1.47: a queue out of reach while buffered jobs are given back doesn't cut the drain short", async () => {
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 3; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 3 }, (_, index) => s3Event(`${index}.txt`)));
    jest.spyOn(world.queues.jobs, "extend").mockRejectedValue(new Error("queue out of reach"));
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
    await until(() => held.count === 1);
    stop.abort();
    await until(() => world.indexOf("poller_stopped") >= 0);
    held.release();
    expect(await running).toBe("stopped");
    expect(world.queues.results.bodies).toHaveLength(1);
    expect(world.queues.jobs.bodies).toHaveLength(2);
  });
});
