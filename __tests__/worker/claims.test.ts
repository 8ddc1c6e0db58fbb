import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import type { ChunkRow } from "../../core/contracts/ledger-rows";
import { runWorker, type WorkerPorts, type WorkerSettings } from "../../worker/compose";
import { REF, SOURCE } from "../support/batch-world";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

const FILES = ["a.txt", "b.txt", "c.txt", "d.txt"].map((name) => ({ name, body: `delta words of ${name}` }));

describe("what a worker does with claims", () => {
  let world: WorkerWorld;
  let stop: AbortController;
  beforeEach(() => {
    world = new WorkerWorld();
    stop = new AbortController();
  });
  afterEach(() => {
    world.dispose();
  });

  const start = (settings: Partial<WorkerSettings> = {}, ports: Partial<WorkerPorts> = {}): Promise<"stopped" | "retired"> =>
    runWorker(world.ports(ports), world.settings(settings), stop.signal);
  const end = async (running: Promise<unknown>): Promise<void> => {
    stop.abort();
    await running;
  };
  const row = async (index = 0): Promise<ChunkRow> => {
    const stored = await world.ledger.getChunk(REF, index);
    if (stored === undefined) throw new Error(`nobody claimed chunk ${index}`);
    return stored;
  };
  const plan = async (filesPerChunk: number): Promise<void> => {
    await world.plan(FILES, { filesPerChunk });
    await world.queues.chunks.send(world.chunkMessages());
  };
  /** Makes every GET of a file wait for `answer`, or for the end of its signal. */
  const onRead = (answer: (key: string) => Promise<unknown>): void => {
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      const signal = options?.signal;
      if (bucket === SOURCE) {
        const aborted = new Promise((_resolve, reject) => {
          signal?.addEventListener("abort", () => {
            reject(signal.reason as Error);
          });
        });
        await Promise.race([answer(key), aborted]);
      }
      return get(bucket, key, options);
    });
  };
  const hangs = (): Promise<never> => new Promise(() => undefined);
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

  /** The lease keeper's rounds, every 20 s under leases of 60 s, come at once; no other time passes faster. */
  const hastily = (): Pick<WorkerPorts, "clock"> => {
    const { clock } = world.ports();
    return { clock: { now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms === 20_000 ? 5 : ms, signal) } };
  };

  test("invariant 7: on a spot notice it notes it first, then drains, and its claims are released as spot losses", async () => {
    await plan(4);
    const steps: string[] = [];
    const note = jest.spyOn(world.ledger, "noteSpotNotice");
    note.mockImplementation(() => Promise.resolve(void steps.push("noted")));
    let at: string | undefined;
    let reads = 0;
    onRead(async () => {
      reads += 1;
      if (reads !== 2) return;
      at = "2026-01-01T00:02:00Z";
      await until(() => world.indexOf("drain_started") >= 0);
      steps.push("drains");
    });
    // the watch asks again after 5 s of the clock
    const { clock } = world.ports();
    const hasty = { now: () => clock.now(), sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms === 5_000 ? 1 : ms, signal) };
    expect(await start({}, { spotNotices: { next: () => Promise.resolve(at) }, clock: hasty })).toBe("stopped");
    expect(steps).toEqual(["noted", "drains"]);
    expect(note.mock.calls).toEqual([["i-1", "2026-01-01T00:02:00Z"]]);
    expect(await row()).toMatchObject({ outcomes: "PP", released: { claim: 1, cause: "spot" }, spotLosses: 1, strikes: 0, deaths: 0 });
    expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 0 });
  });

  test("invariant 8: without progress the claim is released, the message visible, and another attempt goes on", async () => {
    await plan(4);
    let reads = 0;
    let passedMilliseconds = 0;
    onRead(() => {
      reads += 1;
      if (reads > 1) return Promise.resolve();
      passedMilliseconds = 61_000;
      return hangs();
    });
    const { clock } = hastily();
    const later = {
      now: () => clock.now() + passedMilliseconds,
      sleep: (milliseconds: number, signal?: AbortSignal) => clock.sleep(milliseconds, signal),
    };
    const running = start({ progressTimeoutSeconds: 60 }, { clock: later });
    await until(() => world.callback.calls.length === 1);
    await end(running);
    expect(await row()).toMatchObject({ state: "finished", released: { claim: 1, cause: "no-progress" }, claim: 2, deaths: 0 });
    expect(world.events.filter(({ event }) => event === "job_failed")).toEqual([]);
  });

  test("design 5: what fails releases its claim and is given back after 5 s times its receipts", async () => {
    await plan(4);
    watchExtensions();
    jest.spyOn(world.results, "put").mockRejectedValueOnce(new Error("table out of reach"));
    const running = start();
    await until(() => extensions.length === 1);
    await end(running);
    expect(await row()).toMatchObject({ released: { claim: 1, cause: "failed" }, strikes: 1 });
    expect(extensions).toEqual([5]);
  });

  test("invariant 3: a renewal that the ledger refuses stops the slot; the message is neither deleted nor made visible nor called back", async () => {
    await plan(4);
    watchExtensions();
    const remove = jest.spyOn(world.queues.chunks, "delete");
    const other = { worker: "i-2", leaseUntil: Date.now() + 60_000 };
    let reads = 0;
    onRead(async () => {
      if ((reads += 1) > 1) return;
      await world.ledger.claimChunk(REF, 0, other);
      await hangs();
    });
    const running = start({}, hastily());
    await until(() => world.indexOf("slot_fenced") >= 0);
    await end(running);
    expect(world.events.map(({ event }) => event)).toEqual(expect.arrayContaining(["lease_lost", "slot_fenced"]));
    expect(await row()).toMatchObject({ claim: 2, outcomes: "", holder: other });
    expect((await row()).released).toBeUndefined();
    expect([givenBack(), remove.mock.calls, world.callback.calls]).toEqual([[], [], []]);
    expect(await world.queues.chunks.read()).toEqual({ visible: 0, inFlight: 1 });
  });

  test("invariant 4: a failure under a lease that is lost gives nothing back: the message is somebody else's", async () => {
    await plan(4);
    watchExtensions();
    jest.spyOn(world.results, "put").mockImplementationOnce(async () => {
      jest.spyOn(world.queues.chunks, "extend").mockImplementation((messages, seconds) => {
        extensions.push(seconds);
        return Promise.resolve([...messages]);
      });
      await until(() => world.indexOf("lease_lost") >= 0);
      throw new Error("table out of reach");
    });
    const running = start({}, hastily());
    await until(() => world.indexOf("job_failed") >= 0);
    await end(running);
    expect(extensions.filter((seconds) => seconds !== 60)).toEqual([]);
    expect((await row()).released).toEqual({ claim: 1, cause: "failed" });
  });

  test("where no notice ever comes, the watch for one ends with the worker", async () => {
    const running = start({}, { spotNotices: { next: () => Promise.resolve(undefined) } });
    stop.abort();
    expect(await running).toBe("stopped");
  });

  describe("a chunk whose worker died before", () => {
    const dieOf = async (index: number): Promise<void> => {
      await world.ledger.claimChunk(REF, index, { worker: "i-0", leaseUntil: 0 });
    };

    test("invariant 7: it is worked on alone: no other chunk and no upload beside it; then they go on", async () => {
      await plan(1);
      for (const index of [1, 2]) await dieOf(index);
      for (let file = 0; file < 6; file += 1) world.store.set(SOURCE, `up-${file}.txt`, "delta");
      await world.queues.jobs.send(Array.from({ length: 6 }, (_, file) => s3Event(`up-${file}.txt`)));
      const active = new Set<string>();
      const beside = new Map<string, number>();
      let most = 0;
      onRead(async (key) => {
        active.add(key);
        most = Math.max(most, active.size);
        for (const each of active) beside.set(each, Math.max(beside.get(each) ?? 0, active.size));
        for (let turn = 0; turn < 20; turn += 1) await nextTurn();
        active.delete(key);
      });
      const running = start({ slots: 4 });
      await until(() => world.callback.calls.length === 4 && world.queues.jobs.bodies.length === 0);
      await end(running);
      expect(most).toBeGreaterThan(1);
      expect([beside.get("in/b.txt"), beside.get("in/c.txt")]).toEqual([1, 1]);
      const rows = await Promise.all([0, 1, 2, 3].map(row));
      expect(rows.map(({ deaths, state }) => [state, deaths])).toEqual([
        ["finished", 0],
        ["finished", 1],
        ["finished", 1],
        ["finished", 0],
      ]);
      expect(world.sent()).toHaveLength(10);
    });

    test("invariant 8: while it waits its claim is renewed, and waiting is no want of progress, as hanging is", async () => {
      await plan(2);
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
      const running = start({ progressTimeoutSeconds: 0.1 }, hastily());
      await until(() => lost().length > 0);
      renew.mockClear();
      const waited = Date.now();
      await until(() => renew.mock.calls.length >= 4 && Date.now() - waited > 150);
      expect(new Set(renew.mock.calls.map(([, index, claim]) => `${index} ${claim}`))).toEqual(new Set(["1 2"]));
      expect(lost()).toEqual(["chunks-1"]);
      released = true;
      await until(() => world.callback.calls.length === 2);
      await end(running);
      expect(await row(0)).toMatchObject({ state: "finished", claim: 2, released: { claim: 1, cause: "no-progress" }, deaths: 0 });
      expect(await row(1)).toMatchObject({ state: "finished", claim: 2, deaths: 1 });
    });

    test("invariant 8: once it is alone it is asked for progress like any other", async () => {
      await plan(2);
      await dieOf(1);
      let hung = false;
      onRead((key) => {
        if (key !== "in/c.txt" || hung) return Promise.resolve();
        hung = true;
        return hangs();
      });
      const running = start({ progressTimeoutSeconds: 0.1 }, hastily());
      await until(() => world.callback.calls.length === 2);
      await end(running);
      expect(await row(1)).toMatchObject({ state: "finished", claim: 3, released: { claim: 2, cause: "no-progress" } });
    });

    test("while it waits no more messages are taken from the queues: other workers have room for them", async () => {
      await plan(2);
      await dieOf(1);
      let reads = 0;
      let released = false;
      onRead(async () => {
        reads += 1;
        await until(() => released);
      });
      const running = start({ slots: 4 });
      await until(() => reads === 1 && world.events.filter(({ event }) => event === "chunk_claimed").length === 2);
      for (const key of ["up-1.txt", "up-2.txt"]) world.store.set(SOURCE, key, "delta");
      // the poll that was under way takes the first, which then waits; nobody asks for the second
      await world.queues.jobs.send([s3Event("up-1.txt")]);
      await until(() => world.events.filter(({ event }) => event === "message_received").length === 3);
      await world.queues.jobs.send([s3Event("up-2.txt")]);
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
      expect(await world.queues.jobs.read()).toEqual({ visible: 1, inFlight: 1 });
      expect(reads).toBe(1);
      released = true;
      await until(() => world.callback.calls.length === 2 && world.queues.jobs.bodies.length === 0);
      await end(running);
    });

    test("invariant 3: a lease that is lost while it waits ends the waiting: it intends nothing and works on nothing", async () => {
      await plan(2);
      await dieOf(1);
      const intend = jest.spyOn(world.ledger, "intend");
      let released = false;
      onRead(async () => {
        await until(() => released);
      });
      const extend = world.queues.chunks.extend.bind(world.queues.chunks);
      jest.spyOn(world.queues.chunks, "extend").mockImplementation(async (messages, seconds) => {
        const lost = messages.filter(({ messageId }) => messageId === "chunks-2");
        return [...lost, ...(await extend(messages, seconds))];
      });
      const running = start({}, hastily());
      await until(() => world.indexOf("lease_lost") >= 0);
      released = true;
      await until(() => world.callback.calls.length === 1);
      await end(running);
      expect(intend.mock.calls).toEqual([]);
      const waited = await row(1);
      expect([waited.claim, waited.outcomes, waited.released]).toEqual([2, "", { claim: 2, cause: "failed" }]);
    });

    test("S1.47: told to stop while it waits, it gives the chunk back at once, released as drained", async () => {
      await plan(2);
      await dieOf(1);
      let reads = 0;
      let released = false;
      onRead(async () => {
        reads += 1;
        await until(() => released);
      });
      const running = start();
      await until(() => reads === 1 && world.events.filter(({ event }) => event === "chunk_claimed").length === 2);
      stop.abort();
      await until(() => world.indexOf("claim_released") >= 0);
      // the other one still works
      expect(await row(1)).toMatchObject({ outcomes: "", released: { claim: 2, cause: "drain" } });
      await until(() => world.queues.chunks.contents.length === 2);
      expect(await world.queues.chunks.read()).toEqual({ visible: 1, inFlight: 1 });
      released = true;
      await running;
      expect(await row(0)).toMatchObject({ outcomes: "P", released: { claim: 1, cause: "drain" } });
      expect(await world.queues.chunks.read()).toEqual({ visible: 2, inFlight: 0 });
    });
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
            await own.plan(FILES, { filesPerChunk });
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
  }, 30_000);
});
