import { runWorker, type WorkerSettings } from "../../worker/compose";
import { SOURCE } from "../support/batch-world";
import { FakeRetirement } from "../support/fakes/capacity";
import { holdFiles } from "../support/hold-files";
import { letPass, ManualClock } from "../support/manual-clock";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("a worker by its clock", () => {
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

  test("S3.16: it is idle after its idle time without work, not sooner, and from its last job's end on", async () => {
    const held = holdFiles(world.store, SOURCE);
    world.store.set(SOURCE, "a.txt", "delta");
    await world.queues.jobs.send([s3Event("a.txt")]);
    const retirement = new FakeRetirement();
    const settings = world.settings({ idleSeconds: 60, leaseSeconds: 3_000, progressTimeoutSeconds: 3_000 });
    const running = runWorker(world.ports({ retirement, clock }), settings, new AbortController().signal);
    await until(() => held.count === 1);
    await letPass(clock, 90_000);
    await letPass(clock, 10_000);
    expect([world.indexOf("drain_started"), world.indexOf("job_processed")]).toEqual([-1, -1]);
    held.release();
    await until(() => world.indexOf("message_deleted") >= 0);
    await letPass(clock, 59_999);
    expect(world.indexOf("drain_started")).toBe(-1);
    await letPass(clock, 1);
    expect(await running).toBe("retired");
    expect(world.events.find(({ event }) => event === "drain_started")?.fields).toMatchObject({ cause: "idle", busySlots: 0 });
  });

  test("invariant 8: a slot that doesn't leave what it was told to leave takes its host's signs of life away", async () => {
    let leave: (() => void) | undefined;
    jest.spyOn(world.store, "get").mockImplementation(
      () =>
        new Promise((_resolve, reject) => {
          leave = (): void => {
            reject(new Error("at last"));
          };
        }),
    );
    await world.queues.jobs.send([s3Event("a.txt"), s3Event("b.txt")]);
    const stop = new AbortController();
    const settings = world.settings({ slots: 1, host: host(), leaseSeconds: 60, progressTimeoutSeconds: 120 });
    const running = runWorker(world.ports({ clock }), settings, stop.signal);
    await until(() => leave !== undefined);
    const lastSign = async (): Promise<number | undefined> => (await world.ledger.hostNotes())[0]?.at;
    // each 20 s a round of leases, each minute a look: the lease is lost after two minutes, the slot is stuck two minutes later
    const start = clock.now();
    for (let round = 0; round < 22; round += 1) await letPass(clock, 10_000);
    expect(world.indexOf("lease_lost")).toBeGreaterThan(0);
    expect([world.indexOf("host_stuck"), await lastSign()]).toEqual([-1, start + 180_000]);
    for (let round = 0; round < 8; round += 1) await letPass(clock, 10_000);
    expect(world.indexOf("host_stuck")).toBeGreaterThan(0);
    // the look at four minutes, two after the lease was lost, gave none any more
    expect(await lastSign()).toBe(start + 180_000);
    const stuckAt = world.events.filter(({ event }) => event === "host_stuck").length;
    leave?.();
    stop.abort();
    await letPass(clock, 0);
    await running;
    expect(stuckAt).toBeGreaterThan(0);
  });

  test("while a slot doesn't leave what it was told to leave, nothing more is taken: this host may be ended", async () => {
    const leaves: ((reason: Error) => void)[] = [];
    jest.spyOn(world.store, "get").mockImplementation(() => new Promise((_resolve, reject) => leaves.push(reject)));
    await world.queues.jobs.send([s3Event("a.txt")]);
    const receive = jest.spyOn(world.queues.chunks, "receive");
    const answers: (() => void)[] = [];
    receive.mockImplementation(
      ({ signal }) =>
        new Promise((resolve) => {
          const answer = (): void => {
            resolve([]);
          };
          answers.push(answer);
          signal?.addEventListener("abort", answer);
        }),
    );
    const stop = new AbortController();
    const settings = world.settings({ slots: 3, leaseSeconds: 60, progressTimeoutSeconds: 60 });
    const running = runWorker(world.ports({ clock }), settings, stop.signal);
    await until(() => leaves.length === 1 && answers.length === 1);
    answers[0]?.();
    await until(() => answers.length === 2);
    for (let round = 0; round < 10; round += 1) await letPass(clock, 10_000);
    expect(world.indexOf("lease_lost")).toBeGreaterThan(0);
    answers[1]?.();
    await letPass(clock, 0);
    expect(receive).toHaveBeenCalledTimes(2);
    await until(() => {
      for (const leave of leaves.splice(0)) leave(new Error("at last"));
      return answers.length === 3;
    });
    stop.abort();
    await letPass(clock, 0);
    await running;
  });

  test("what watches beside it ends with it", async () => {
    const next = jest.fn(() => Promise.resolve(undefined));
    const stop = new AbortController();
    const running = runWorker(world.ports({ clock, spotNotices: { next } }), world.settings({ host: host() }), stop.signal);
    await until(() => next.mock.calls.length === 1);
    stop.abort();
    await running;
    expect(clock.sleeping).toBe(0);
    await letPass(clock, 60_000);
    expect(next).toHaveBeenCalledTimes(1);
  });

  test("S3.16: idle for its time it retires by itself", async () => {
    const retirement = new FakeRetirement();
    const ports = world.ports({ retirement });
    expect(await runWorker(ports, world.settings({ idleSeconds: 0.05 }), new AbortController().signal)).toBe("retired");
    expect(retirement.calls).toBe(1);
  });
});
