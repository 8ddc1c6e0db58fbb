import { getEventListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { runWorker } from "../../worker/compose";
import { SOURCE } from "../support/batch-world";
import { holdFiles } from "../support/hold-files";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("what a worker asks its queues for", () => {
  let world: WorkerWorld;
  beforeEach(() => {
    world = new WorkerWorld();
  });
  afterEach(() => {
    world.dispose();
  });
  /** What was asked of a queue, in messages. */
  const asked = (queue: "chunks" | "jobs"): jest.SpiedFunction<WorkerWorld["queues"]["chunks"]["receive"]> =>
    jest.spyOn(world.queues[queue], "receive");

  test("invariant 6: chunks at most its free slots, upload events in groups of ten", async () => {
    const [chunks, jobs] = [asked("chunks"), asked("jobs")];
    await world.plan([{ name: "a.txt", body: "delta" }]);
    const held = holdFiles(world.store, SOURCE);
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 3 }), stop.signal);
    await until(() => chunks.mock.calls.length === 1 && jobs.mock.calls.length === 1);
    await world.queues.chunks.send(world.chunkMessages());
    await until(() => held.count === 1 && chunks.mock.calls.length === 2);
    held.release();
    await until(() => world.queues.chunks.bodies.length === 0);
    stop.abort();
    await running;
    expect(chunks.mock.calls.slice(0, 2).map(([{ maximumMessages }]) => maximumMessages)).toEqual([3, 2]);
    expect(jobs.mock.calls[0]?.[0].maximumMessages).toBe(10);
  });

  test("of 16 free slots it asks for ten chunks, the most that a call takes", async () => {
    const chunks = asked("chunks");
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 16 }), stop.signal);
    await until(() => chunks.mock.calls.length === 1);
    stop.abort();
    await running;
    expect(chunks.mock.calls[0]?.[0].maximumMessages).toBe(10);
    expect(world.drainCauses()).toEqual(["stopped"]);
  });

  test("with its slots busy and nothing waiting it asks for nothing", async () => {
    const jobs = asked("jobs");
    const held = holdFiles(world.store, SOURCE);
    world.store.set(SOURCE, "a.txt", "delta");
    await world.queues.jobs.send([s3Event("a.txt")]);
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
    await until(() => held.count === 1);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
    expect(jobs).toHaveBeenCalledTimes(1);
    held.release();
    stop.abort();
    await running;
  });

  test("with its slots busy and jobs waiting it asks for nothing, and listens once for a change", async () => {
    const jobs = asked("jobs");
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 10; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 10 }, (_, index) => s3Event(`${index}.txt`)));
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
    await until(() => held.count === 1);
    expect(jobs).toHaveBeenCalledTimes(1);
    held.release();
    await until(() => world.queues.jobs.bodies.length === 0);
    const polling = jobs.mock.calls[0]?.[0].signal;
    expect(polling === undefined ? 0 : getEventListeners(polling, "abort").length).toBeLessThan(4);
    stop.abort();
    await running;
  });
});
