import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { runWorker } from "../../worker/compose";
import { REF, SOURCE } from "../support/batch-world";
import { until } from "../support/until";
import { FOUR_FILES, hangs, readInItsTurn, WorkerBench } from "../support/worker-bench";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("what a worker does with claims", () => {
  let bench: WorkerBench;
  let world: WorkerWorld;
  beforeEach(() => {
    bench = new WorkerBench();
    ({ world } = bench);
  });
  afterEach(() => {
    world.dispose();
  });

  /** The delays in seconds that messages were given back with. */
  const givenBack = (): number[] => extensions.filter((seconds) => seconds < 1);
  let extensions: number[] = [];
  const watchExtensions = (): void => {
    extensions = [];
    const extend = world.queues.chunks.extend.bind(world.queues.chunks);
    jest.spyOn(world.queues.chunks, "extend").mockImplementation((messages, seconds) => {
      extensions.push(seconds);
      return extend(messages, seconds);
    });
  };

  test("invariant 7: on a spot notice it notes it first, then drains, and its claims are released as spot losses", async () => {
    await bench.plan(
      4,
      FOUR_FILES.map((file, index) => (index === 1 ? readInItsTurn(file.name) : file)),
    );
    const steps: string[] = [];
    const note = jest.spyOn(world.ledger, "noteSpotNotice");
    note.mockImplementation(() => Promise.resolve(void steps.push("noted")));
    let at: string | undefined;
    let reads = 0;
    bench.onRead(async () => {
      reads += 1;
      if (reads !== 2) return;
      at = "2026-01-01T00:02:00Z";
      await until(() => world.indexOf("drain_started") >= 0);
      steps.push("drains");
    });
    // the watch asks again after 5 s of the clock
    const { clock } = world.ports();
    const hasty = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms === 5_000 ? 1 : ms, signal),
    };
    expect(await bench.start({}, { spotNotices: { next: () => Promise.resolve(at) }, clock: hasty })).toBe("stopped");
    expect(steps).toEqual(["noted", "drains"]);
    expect(note.mock.calls).toEqual([["i-1", "2026-01-01T00:02:00Z"]]);
    expect(await bench.row()).toMatchObject({
      outcomes: "PP",
      released: { claim: 1, cause: "spot" },
      spotLosses: 1,
      strikes: 0,
      deaths: 0,
    });
    expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
  });

  test("invariant 8: without progress the claim is released, the message visible, and another attempt goes on", async () => {
    await bench.plan(4);
    let reads = 0;
    bench.onRead(() => {
      reads += 1;
      if (reads > 1) return Promise.resolve();
      bench.passedMilliseconds = 61_000;
      return hangs();
    });
    const running = bench.start({ progressTimeoutSeconds: 60 }, bench.hastily());
    await until(() => world.callback.calls.length === 1);
    await bench.end(running);
    expect(await bench.row()).toMatchObject({ state: "finished", released: { claim: 1, cause: "no-progress" }, claim: 2, deaths: 0 });
    expect(world.events.filter(({ event }) => event === "job_failed")).toEqual([]);
  });

  test("ADR 2: what fails releases its claim and is given back after 5 s times its receipts", async () => {
    await bench.plan(4);
    watchExtensions();
    jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("table out of reach"));
    const running = bench.start();
    await until(() => extensions.length === 1);
    await bench.end(running);
    expect(await bench.row()).toMatchObject({ released: { claim: 1, cause: "failed" }, strikes: 1 });
    expect(extensions).toEqual([5]);
  });

  test("invariant 3: a renewal that the ledger refuses stops the slot; the message is neither deleted nor made visible nor called back", async () => {
    await bench.plan(4);
    watchExtensions();
    const remove = jest.spyOn(world.queues.chunks, "delete");
    const other = { worker: "i-2", leaseUntil: Date.now() + 60_000 };
    let reads = 0;
    bench.onRead(async () => {
      if ((reads += 1) > 1) return;
      await world.ledger.claimChunk(REF, 0, other);
      await hangs();
    });
    const running = bench.start({}, bench.hastily());
    await until(() => world.indexOf("slot_fenced") >= 0);
    await bench.end(running);
    expect(world.events.map(({ event }) => event)).toEqual(expect.arrayContaining(["lease_lost", "slot_fenced"]));
    expect(await bench.row()).toMatchObject({ claim: 2, outcomes: "", holder: other });
    expect((await bench.row()).released).toBeUndefined();
    expect([givenBack(), remove.mock.calls, world.callback.calls]).toEqual([[], [], []]);
    expect(await world.queues.chunks.read()).toEqual({ visible: 0, inFlight: 1 });
  });

  test("invariant 4: a failure under a lease that is lost gives nothing back: the message is somebody else's", async () => {
    await bench.plan(4);
    watchExtensions();
    jest.spyOn(world.results, "put").mockImplementationOnce(async () => {
      jest.spyOn(world.queues.chunks, "extend").mockImplementation((messages, seconds) => {
        extensions.push(seconds);
        return Promise.resolve([...messages]);
      });
      await until(() => world.indexOf("lease_lost") >= 0);
      throw new Error("table out of reach");
    });
    const running = bench.start({}, bench.hastily());
    await until(() => world.indexOf("job_failed") >= 0);
    await bench.end(running);
    expect(extensions.filter((seconds) => seconds !== 60)).toEqual([]);
    expect((await bench.row()).released).toEqual({ claim: 1, cause: "failed" });
  });

  test("where no notice ever comes, the watch for one ends with the worker", async () => {
    const running = bench.start({}, { spotNotices: { next: () => Promise.resolve(undefined) } });
    bench.stop.abort();
    expect(await running).toBe("stopped");
  });

  test("S1.47, invariant 4: stopped at any moment, every message is deleted after its commit, or visible and its claim released", async () => {
    const methods = new Set([
      "get",
      "putFile",
      "put",
      "claimChunk",
      "commitGroup",
      "getGeneration",
      "send",
      "receive",
      "succeed",
      "delete",
    ]);
    await fc.assert(
      fc.asyncProperty(
        fc.record({ stopAt: fc.nat({ max: 90 }), slots: fc.integer({ min: 1, max: 4 }), filesPerChunk: fc.integer({ min: 1, max: 3 }) }),
        async ({ filesPerChunk, slots, stopAt }) => {
          const own = new WorkerWorld();
          const stopping = new AbortController();
          try {
            let calls = 0;
            const counted = <T extends object>(port: T): T =>
              new Proxy(port, {
                get: (target, name) => {
                  const value: unknown = Reflect.get(target, name);
                  if (typeof value !== "function") return value;
                  const method = (...call: unknown[]): unknown => {
                    if (methods.has(String(name)) && (calls += 1) >= stopAt) stopping.abort();
                    return Reflect.apply(value, target, call) as unknown;
                  };
                  return method;
                },
              });
            await own.plan(FOUR_FILES, { filesPerChunk });
            await own.queues.chunks.send(own.chunkMessages());
            own.store.set(SOURCE, "up.txt", "delta");
            await own.queues.jobs.send([s3Event("up.txt")]);
            const { callback, ledger, queues, results, store } = own.ports();
            const ports = own.ports({
              callback: counted(callback),
              ledger: counted(ledger),
              results: counted(results),
              store: counted(store),
              queues: { ...queues, chunks: counted(queues.chunks), jobs: counted(queues.jobs), results: counted(queues.results) },
            });
            const running = runWorker(ports, own.settings({ slots }), stopping.signal);
            await until(() => stopping.signal.aborted || own.queues.chunks.bodies.length + own.queues.jobs.bodies.length === 0);
            stopping.abort();
            await running;

            expect(await own.queues.chunks.read()).toEqual({ visible: own.queues.chunks.bodies.length, inFlight: 0 });
            expect(await own.queues.jobs.read()).toEqual({ visible: own.queues.jobs.bodies.length, inFlight: 0 });
            const messages = own.chunkMessages();
            for (const [index, message] of messages.entries()) {
              const stored = await own.ledger.getChunk(REF, index);
              const deleted = !own.queues.chunks.bodies.includes(message);
              expect(own.callback.calls.some(({ token }) => token === `token-${index}`)).toBe(deleted);
              const { claim, released, state } = stored ?? {};
              expect(state === "finished").toBe(deleted);
              // who never came to claim it has nothing to release
              const givenUp = !deleted && claim !== undefined;
              expect(released).toEqual(givenUp ? { claim, cause: "drain" } : undefined);
              expect(stored?.strikes ?? 0).toBe(0);
            }
            expect(own.results.items.has(`${SOURCE}/up.txt`)).toBe(own.queues.jobs.bodies.length === 0);
            // nothing goes on after the end
            const after = calls;
            await nextTurn();
            expect(calls).toBe(after);
          } finally {
            own.dispose();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
