import { runWorker, type WorkerSettings } from "../../worker/compose";
import { REF, SOURCE } from "../support/batch-world";
import { FakeRetirement } from "../support/fakes/capacity";
import { holdFiles } from "../support/hold-files";
import { letPass, ManualClock } from "../support/manual-clock";
import { until } from "../support/until";
import { s3Event, TEN_FILES, WorkerWorld } from "../support/worker-world";

describe("a worker of a version that was replaced", () => {
  let world: WorkerWorld;
  let clock: ManualClock;
  beforeEach(() => {
    world = new WorkerWorld();
    clock = new ManualClock();
  });
  afterEach(() => {
    world.dispose();
  });
  /** An instance of version 1 that booted just now. */
  const host = (): NonNullable<WorkerSettings["host"]> => ({ version: "v1", bootedAt: clock.now() });
  /** Whoever booted before is outdated from now on. */
  const deploy = (): Promise<void> => world.ledger.putWorkerVersion({ version: "v2", announcedAt: clock.now() + 1 });
  const settings = (change: Partial<WorkerSettings> = {}): WorkerSettings =>
    world.settings({ slots: 1, host: host(), leaseSeconds: 3_000, progressTimeoutSeconds: 3_000, ...change });

  test("invariant 6: it takes nothing more, finishes what it has, then asks for another in its place", async () => {
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 4; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send([s3Event("0.txt"), s3Event("1.txt")]);
    await deploy();
    const retirement = new FakeRetirement();
    const running = runWorker(world.ports({ retirement, clock }), settings(), new AbortController().signal);
    await until(() => held.count === 1);
    await letPass(clock, 60_000);
    expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
    await world.queues.jobs.send([s3Event("2.txt"), s3Event("3.txt")]);
    held.release();
    expect(await running).toBe("retired");
    expect([retirement.calls, retirement.replacements]).toEqual([0, 1]);
    // the one it worked on, and the one that waited for its slot
    expect(world.queues.results.bodies).toHaveLength(2);
    expect(world.drainCauses()).toEqual(["outdated"]);
    expect(await world.queues.jobs.read()).toEqual({ visible: 2, inFlight: 0 });
  });

  test("invariant 6: a chunk that it works on is finished, not given back half-way", async () => {
    await world.plan(TEN_FILES, { filesPerChunk: 10 });
    const held = holdFiles(world.store, SOURCE);
    await world.queues.chunks.send(world.chunkMessages());
    await deploy();
    const running = runWorker(world.ports({ retirement: new FakeRetirement(), clock }), settings(), new AbortController().signal);
    await until(() => held.count > 0);
    await letPass(clock, 60_000);
    expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
    held.release();
    expect(await running).toBe("retired");
    expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished", claim: 1, outcomes: "P".repeat(10) });
    expect(world.queues.chunks.bodies).toEqual([]);
  });

  test("with nothing to do it goes at the next look", async () => {
    await deploy();
    const retirement = new FakeRetirement();
    const running = runWorker(world.ports({ retirement, clock }), settings(), new AbortController().signal);
    await until(() => clock.sleeping >= 2);
    await letPass(clock, 60_000);
    expect(await running).toBe("retired");
    expect(retirement.replacements).toBe(1);
    expect(await world.ledger.hostNotes()).toMatchObject([{ worker: "i-1", version: "v1" }]);
  });

  test("one that shows no version gives no sign of life, and looks for no other version", async () => {
    await deploy();
    const without = world.settings({ leaseSeconds: 3_000, idleSeconds: 90 });
    const retirement = new FakeRetirement();
    const running = runWorker(world.ports({ retirement, clock }), without, new AbortController().signal);
    await until(() => clock.sleeping >= 2);
    await letPass(clock, 60_000);
    await letPass(clock, 30_000);
    expect(await running).toBe("retired");
    expect([retirement.replacements, retirement.calls, await world.ledger.hostNotes()]).toEqual([0, 1, []]);
  });

  test("told to stop while it finishes, it drains like any other", async () => {
    const held = holdFiles(world.store, SOURCE);
    for (let index = 0; index < 3; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 3 }, (_, index) => s3Event(`${index}.txt`)));
    await deploy();
    const stop = new AbortController();
    const retirement = new FakeRetirement();
    const running = runWorker(world.ports({ retirement, clock }), settings(), stop.signal);
    await until(() => held.count === 1);
    await letPass(clock, 60_000);
    expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
    stop.abort();
    await until(() => world.indexOf("poller_stopped") >= 0);
    held.release();
    expect(await running).toBe("stopped");
    expect([retirement.calls, retirement.replacements, world.drainCauses()]).toEqual([0, 0, ["outdated"]]);
    expect(world.queues.results.bodies).toHaveLength(1);
    expect(await world.queues.jobs.read()).toEqual({ visible: 2, inFlight: 0 });
  });
});
