import { getEventListeners } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { OBJECT_METADATA } from "../../core/contracts/names";
import { uploadPartialKey } from "../../core/contracts/state-keys";
import { runWorker, type WorkerSettings } from "../../worker/compose";
import { REF, SOURCE, STATE } from "../support/batch-world";
import { FakeRetirement } from "../support/fakes/capacity";
import { referenceCount } from "../support/reference";
import { ManualClock } from "../support/manual-clock";
import { until } from "../support/until";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("the worker", () => {
  let world: WorkerWorld;
  let clock: ManualClock;
  beforeEach(() => {
    world = new WorkerWorld();
    clock = new ManualClock();
  });
  /** Lets the time of a worker that runs by `clock` pass; what it does then is done. */
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    for (let turn = 0; turn < 20; turn += 1) await nextTurn();
  };
  /** Why runs ended. */
  const causes = (): unknown[] => world.events.filter(({ event }) => event === "drain_started").map(({ fields }) => fields["cause"]);
  /** An instance of version 1 that booted just now. */
  const host = (): NonNullable<WorkerSettings["host"]> => ({ version: "v1", bootedAt: clock.now() });
  afterEach(() => {
    world.dispose();
  });

  test("S1.37, S1.79: an uploaded file becomes an item and an acknowledgement, and its message is gone", async () => {
    world.store.set(SOURCE, "some file+.txt", "delta words delta words again");
    await world.queues.jobs.send([s3Event("some file+.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    const { totalWords, words } = referenceCount("delta words delta words again");
    expect(world.results.items.get(`${SOURCE}/some file+.txt`)).toMatchObject({ totalWords, words });
    expect(world.sent()).toMatchObject([{ type: "file-processed", key: "some file+.txt", words }]);
  });

  test("S1.45: the lines of one job come in order and carry the id of its message", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    const own = world.events.filter(({ fields }) => "jobId" in fields);
    expect(own.map(({ event }) => event)).toEqual([
      "message_received",
      "job_received",
      "job_result_received",
      "job_processed",
      "message_deleted",
    ]);
    expect(new Set(own.map(({ fields }) => fields["jobId"]))).toEqual(new Set(["jobs-1"]));
  });

  test("O.5: a message of several records is deleted after all of them; every record is acknowledged", async () => {
    for (const key of ["a.txt", "b.txt", "c.txt"]) world.store.set(SOURCE, key, `words of ${key}`);
    await world.queues.jobs.send([s3Event("a.txt", "b.txt", "c.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.sent().map((message) => ("key" in message ? message.key : ""))).toEqual(["a.txt", "b.txt", "c.txt"]);
  });

  test("S1.46: while the table can't be written the message stays and nothing is acknowledged", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    jest.spyOn(world.results, "put").mockRejectedValue(new Error("table out of reach"));
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.indexOf("job_failed") >= 0);
    expect(world.queues.jobs.bodies).toHaveLength(1);
    expect(world.sent()).toEqual([]);
  });

  test("invariant 4: while the results queue can't be reached the message stays; the next delivery acknowledges with the same id", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    await world.queues.jobs.send([s3Event("a.txt")]);
    const send = jest.spyOn(world.queues.results, "send").mockRejectedValueOnce(new Error("queue out of reach"));
    await world.working(() => world.indexOf("job_result_failed") >= 0);
    expect(world.queues.jobs.bodies).toHaveLength(1);
    send.mockRestore();
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.results.bodies.length === 1);
    expect(world.results.items.size).toBe(1);
  });

  test("S1.74, invariant 3: an object announced twice stays one item, with acknowledgements of one id", async () => {
    world.store.set(SOURCE, "61.txt", "delta words");
    await world.queues.jobs.send([s3Event("61.txt"), s3Event("61.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.results.items.size).toBe(1);
    expect(world.queues.results.bodies).toHaveLength(2);
    expect(new Set(world.sent().map(({ messageId }) => messageId)).size).toBe(1);
  });

  test.each([
    ["S1.32: a file that is no text", "app.zip", Buffer.from("PK\u0003\u0004\u0000\u0000"), "skipped", "not-text"],
    ["a corrupt gzip file", "a.gz", Buffer.from("no gzip at all"), "quarantined", "corrupt-gzip"],
  ])("%s is acknowledged as such, recorded, and makes no item", async (_name, key, body, status, reason) => {
    world.store.set(SOURCE, key, body);
    await world.queues.jobs.send([s3Event(key)]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.sent()).toMatchObject([{ type: `file-${status}`, reason }]);
    expect(await world.ledger.getUploadException(`${SOURCE}/${key}`)).toMatchObject({ status, reason });
    expect(world.results.items.size).toBe(0);
  });

  test("a file deleted before its job was taken is quarantined as missing", async () => {
    await world.queues.jobs.send([s3Event("gone.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.sent()).toMatchObject([{ type: "file-quarantined", reason: "missing", key: "gone.txt" }]);
  });

  test("O.6: S3's test event is deleted; an unreadable message goes to the dead-letter queue, as it came", async () => {
    await world.queues.jobs.send([JSON.stringify({ Event: "s3:TestEvent" }), "nonsense"]);
    await world.queues.chunks.send(["{}"]);
    await world.working(() => world.queues.jobs.bodies.length === 0 && world.queues.chunks.bodies.length === 0);
    expect(world.queues.jobDeadLetters.bodies).toEqual(["nonsense"]);
    expect(world.queues.chunkDeadLetters.bodies).toEqual(["{}"]);
    expect(world.queues.results.bodies).toEqual([]);
  });

  test("the upload path heeds an object's own options, and keeps the counts for the run that asked for them", async () => {
    const run = "01JRVN00000000000000000000";
    const metadata = { [OBJECT_METADATA.minimumWordLength]: "1", [OBJECT_METADATA.top]: "2", [OBJECT_METADATA.run]: run };
    world.store.set(SOURCE, "a.txt", "a b a c a b", { metadata });
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.sent()).toMatchObject([
      {
        totalWords: 6,
        distinctWords: 3,
        words: [
          { word: "a", count: 3 },
          { word: "b", count: 2 },
        ],
      },
    ]);
    expect(
      world.store
        .text(STATE, uploadPartialKey(run, `${SOURCE}/a.txt`))
        .split("\n")
        .slice(1),
    ).toEqual(['["a",3]', '["b",2]', '["c",1]', ""]);
  });

  test.each(["../../escape", "", "01JRVN"])("metadata %j that is no run id makes no object", async (run) => {
    world.store.set(SOURCE, "a.txt", "delta", { metadata: { [OBJECT_METADATA.run]: run } });
    const before = world.store.keys(STATE);
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.store.keys(STATE)).toEqual(before);
  });

  const tenFiles = Array.from({ length: 10 }, (_, index) => ({ name: `${index}.txt`, body: `words number ${index} and again words` }));

  test("C.2: every chunk is worked on, acknowledged, called back with counts only, and its message deleted", async () => {
    await world.plan(tenFiles, { filesPerChunk: 2 });
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.callback.calls.map(({ token }) => token).sort()).toEqual(world.chunks.map(({ index }) => `token-${index}`));
    expect(new Set(world.callback.calls.map(({ output }) => JSON.stringify(output)))).toEqual(new Set(['{"outcome":"finished"}']));
    expect(world.sent()).toHaveLength(tenFiles.length);
  });

  test("design 5: chunks of a closed generation are called back as closed and drained; nothing of them is done", async () => {
    await world.plan(tenFiles, { filesPerChunk: 5 });
    await world.ledger.closeGeneration(REF, "cancelled");
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.callback.calls.map(({ output }) => output.outcome)).toEqual(["closed", "closed"]);
    expect(world.queues.results.bodies).toEqual([]);
  });

  test("design 5: a message with a token that is none goes to the dead-letter queue after its work", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    world.callback.invalid.add("token-0");
    await world.queues.chunks.send(world.chunkMessages());
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.queues.chunkDeadLetters.bodies).toHaveLength(1);
  });

  test("a chunk of a batch that the ledger doesn't know goes to the dead-letter queue", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    const foreign = world.chunkMessages().map((body) => body.replace(REF.batchId, "01JFAREGN00000000000000000"));
    await world.queues.chunks.send(foreign);
    await world.working(() => world.queues.chunks.bodies.length === 0);
    expect(world.queues.chunkDeadLetters.bodies).toEqual(foreign);
    expect(world.callback.calls).toEqual([]);
  });

  test.each([
    ["a wrong hash of the splits", { sha256: "0".repeat(64) }],
    ["an offset beyond the splits", { offset: 1_000_000 }],
    ["an index beyond the plan", { index: 1 }],
  ])("a chunk with %s goes to the dead-letter queue at once; nobody who works on the chunk is fenced", async (_what, change) => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    const holder = { worker: "i-other", leaseUntil: Date.now() + 60_000 };
    const { row } = await world.ledger.claimChunk(REF, 0, holder);
    const foreign = JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, chunk: { ...world.chunk, ...change }, token: "token-0" });
    await world.queues.chunks.send([foreign]);
    await world.working(() => world.queues.chunks.bodies.length === 0);
    // the problem is with it: whoever looks after dead letters must not take it for the chunk that it names
    const dead = world.queues.chunkDeadLetters.bodies.map((body) => JSON.parse(body) as unknown);
    expect(dead).toEqual([{ ...(JSON.parse(foreign) as object), problem: expect.stringContaining(`of batch ${REF.batchId}`) as unknown }]);
    expect(world.callback.calls).toEqual([]);
    expect(world.indexOf("job_failed")).toBe(-1);
    expect([await world.ledger.getChunk(REF, 0), await world.ledger.getChunk(REF, 1)]).toEqual([row, undefined]);
  });

  test("S1.47: told to stop in the middle, it drains poller, slots, collector in that order and leaves the rest to others", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
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
    expect(new Set(world.sent().map(({ messageId }) => messageId)).size).toBe(tenFiles.length);
  });

  test("S1.119: as many jobs as slots at a time, never more, and buffered ones are given back when it stops", async () => {
    let active = 0;
    let most = 0;
    const gate = new AbortController();
    const get = world.store.get.bind(world.store);
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      active += 1;
      most = Math.max(most, active);
      await until(() => gate.signal.aborted);
      active -= 1;
      return get(bucket, key, options);
    });
    for (let index = 0; index < 10; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 10 }, (_, index) => s3Event(`${index}.txt`)));
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 3 }), stop.signal);
    await until(() => active === 3);
    stop.abort();
    await until(() => world.indexOf("poller_stopped") >= 0);
    gate.abort();
    await running;
    expect(most).toBe(3);
    expect(world.queues.results.bodies).toHaveLength(3);
    expect(await world.queues.jobs.read()).toEqual({ visible: 7, inFlight: 0 });
  });

  test("S1.47: a queue out of reach while buffered jobs are given back doesn't cut the drain short", async () => {
    const gate = new AbortController();
    const get = world.store.get.bind(world.store);
    let active = 0;
    jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
      active += 1;
      await until(() => gate.signal.aborted);
      return get(bucket, key, options);
    });
    for (let index = 0; index < 3; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
    await world.queues.jobs.send(Array.from({ length: 3 }, (_, index) => s3Event(`${index}.txt`)));
    jest.spyOn(world.queues.jobs, "extend").mockRejectedValue(new Error("queue out of reach"));
    const stop = new AbortController();
    const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
    await until(() => active === 1);
    stop.abort();
    await until(() => world.indexOf("poller_stopped") >= 0);
    gate.abort();
    expect(await running).toBe("stopped");
    expect(world.queues.results.bodies).toHaveLength(1);
    expect(world.queues.jobs.bodies).toHaveLength(2);
  });

  describe("what it asks its queues for", () => {
    /** What was asked of a queue, in messages. */
    const asked = (queue: "chunks" | "jobs"): jest.SpiedFunction<WorkerWorld["queues"]["chunks"]["receive"]> =>
      jest.spyOn(world.queues[queue], "receive");

    test("design 6: chunks at most its free slots, upload events in groups of ten", async () => {
      const [chunks, jobs] = [asked("chunks"), asked("jobs")];
      await world.plan([{ name: "a.txt", body: "delta" }]);
      const gate = new AbortController();
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        if (bucket === SOURCE) {
          active += 1;
          await until(() => gate.signal.aborted);
        }
        return get(bucket, key, options);
      });
      const stop = new AbortController();
      const running = runWorker(world.ports(), world.settings({ slots: 3 }), stop.signal);
      await until(() => chunks.mock.calls.length === 1 && jobs.mock.calls.length === 1);
      await world.queues.chunks.send(world.chunkMessages());
      await until(() => active === 1 && chunks.mock.calls.length === 2);
      gate.abort();
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
      expect(causes()).toEqual(["stopped"]);
    });

    test("with its slots busy and nothing waiting it asks for nothing", async () => {
      const jobs = asked("jobs");
      const gate = new AbortController();
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        active += 1;
        await until(() => gate.signal.aborted);
        return get(bucket, key, options);
      });
      world.store.set(SOURCE, "a.txt", "delta");
      await world.queues.jobs.send([s3Event("a.txt")]);
      const stop = new AbortController();
      const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
      await until(() => active === 1);
      for (let turn = 0; turn < 20; turn += 1) await nextTurn();
      expect(jobs).toHaveBeenCalledTimes(1);
      gate.abort();
      stop.abort();
      await running;
    });

    test("with its slots busy and jobs waiting it asks for nothing, and listens once for a change", async () => {
      const jobs = asked("jobs");
      const gate = new AbortController();
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        active += 1;
        await until(() => gate.signal.aborted);
        return get(bucket, key, options);
      });
      for (let index = 0; index < 10; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
      await world.queues.jobs.send(Array.from({ length: 10 }, (_, index) => s3Event(`${index}.txt`)));
      const stop = new AbortController();
      const running = runWorker(world.ports(), world.settings({ slots: 1 }), stop.signal);
      await until(() => active === 1);
      expect(jobs).toHaveBeenCalledTimes(1);
      gate.abort();
      await until(() => world.queues.jobs.bodies.length === 0);
      const polling = jobs.mock.calls[0]?.[0].signal;
      expect(polling === undefined ? 0 : getEventListeners(polling, "abort").length).toBeLessThan(4);
      stop.abort();
      await running;
    });
  });

  describe("by a clock of its own", () => {
    test("S3.16: it is idle after its idle time without work, not sooner, and from its last job's end on", async () => {
      const gate = new AbortController();
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        active += 1;
        await until(() => gate.signal.aborted);
        return get(bucket, key, options);
      });
      world.store.set(SOURCE, "a.txt", "delta");
      await world.queues.jobs.send([s3Event("a.txt")]);
      const retirement = new FakeRetirement();
      const settings = world.settings({ idleSeconds: 60, leaseSeconds: 3_000, progressTimeoutSeconds: 3_000 });
      const running = runWorker(world.ports({ retirement, clock }), settings, new AbortController().signal);
      await until(() => active === 1);
      await pass(90_000);
      await pass(10_000);
      expect([world.indexOf("drain_started"), world.indexOf("job_processed")]).toEqual([-1, -1]);
      gate.abort();
      await until(() => world.indexOf("message_deleted") >= 0);
      await pass(59_999);
      expect(world.indexOf("drain_started")).toBe(-1);
      await pass(1);
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
      for (let round = 0; round < 22; round += 1) await pass(10_000);
      expect(world.indexOf("lease_lost")).toBeGreaterThan(0);
      expect([world.indexOf("host_stuck"), await lastSign()]).toEqual([-1, start + 180_000]);
      for (let round = 0; round < 8; round += 1) await pass(10_000);
      expect(world.indexOf("host_stuck")).toBeGreaterThan(0);
      // the look at four minutes, two after the lease was lost, gave none any more
      expect(await lastSign()).toBe(start + 180_000);
      const stuckAt = world.events.filter(({ event }) => event === "host_stuck").length;
      leave?.();
      stop.abort();
      await pass(0);
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
      for (let round = 0; round < 10; round += 1) await pass(10_000);
      expect(world.indexOf("lease_lost")).toBeGreaterThan(0);
      answers[1]?.();
      await pass(0);
      expect(receive).toHaveBeenCalledTimes(2);
      await until(() => {
        for (const leave of leaves.splice(0)) leave(new Error("at last"));
        return answers.length === 3;
      });
      stop.abort();
      await pass(0);
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
      await pass(60_000);
      expect(next).toHaveBeenCalledTimes(1);
    });
  });

  describe("of a version that was replaced", () => {
    /** Whoever booted before is outdated from now on. */
    const deploy = (): Promise<void> => world.ledger.putWorkerVersion({ version: "v2", announcedAt: clock.now() + 1 });
    const settings = (change: Partial<WorkerSettings> = {}): WorkerSettings =>
      world.settings({ slots: 1, host: host(), leaseSeconds: 3_000, progressTimeoutSeconds: 3_000, ...change });
    /** Holds each file until the gate opens. @returns how many are held */
    const holdFiles = (gate: AbortSignal): (() => number) => {
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        active += 1;
        await until(() => gate.aborted);
        return get(bucket, key, options);
      });
      return () => active;
    };

    test("design 6: it takes nothing more, finishes what it has, then asks for another in its place", async () => {
      const gate = new AbortController();
      const held = holdFiles(gate.signal);
      for (let index = 0; index < 4; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
      await world.queues.jobs.send([s3Event("0.txt"), s3Event("1.txt")]);
      await deploy();
      const retirement = new FakeRetirement();
      const running = runWorker(world.ports({ retirement, clock }), settings(), new AbortController().signal);
      await until(() => held() === 1);
      await pass(60_000);
      expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
      await world.queues.jobs.send([s3Event("2.txt"), s3Event("3.txt")]);
      gate.abort();
      expect(await running).toBe("retired");
      expect([retirement.calls, retirement.replacements]).toEqual([0, 1]);
      // the one it worked on, and the one that waited for its slot
      expect(world.queues.results.bodies).toHaveLength(2);
      expect(causes()).toEqual(["outdated"]);
      expect(await world.queues.jobs.read()).toEqual({ visible: 2, inFlight: 0 });
    });

    test("design 6: a chunk that it works on is finished, not given back half-way", async () => {
      const gate = new AbortController();
      await world.plan(tenFiles, { filesPerChunk: 10 });
      const get = world.store.get.bind(world.store);
      let active = 0;
      jest.spyOn(world.store, "get").mockImplementation(async (bucket, key, options) => {
        if (bucket === SOURCE) {
          active += 1;
          await until(() => gate.signal.aborted);
        }
        return get(bucket, key, options);
      });
      await world.queues.chunks.send(world.chunkMessages());
      await deploy();
      const running = runWorker(world.ports({ retirement: new FakeRetirement(), clock }), settings(), new AbortController().signal);
      await until(() => active === 1);
      await pass(60_000);
      expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
      gate.abort();
      expect(await running).toBe("retired");
      expect(await world.ledger.getChunk(REF, 0)).toMatchObject({ state: "finished", claim: 1, outcomes: "P".repeat(10) });
      expect(world.queues.chunks.bodies).toEqual([]);
    });

    test("with nothing to do it goes at the next look", async () => {
      await deploy();
      const retirement = new FakeRetirement();
      const running = runWorker(world.ports({ retirement, clock }), settings(), new AbortController().signal);
      await until(() => clock.sleeping >= 2);
      await pass(60_000);
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
      await pass(60_000);
      await pass(30_000);
      expect(await running).toBe("retired");
      expect([retirement.replacements, retirement.calls, await world.ledger.hostNotes()]).toEqual([0, 1, []]);
    });

    test("told to stop while it finishes, it drains like any other", async () => {
      const gate = new AbortController();
      const held = holdFiles(gate.signal);
      for (let index = 0; index < 3; index += 1) world.store.set(SOURCE, `${index}.txt`, "delta");
      await world.queues.jobs.send(Array.from({ length: 3 }, (_, index) => s3Event(`${index}.txt`)));
      await deploy();
      const stop = new AbortController();
      const retirement = new FakeRetirement();
      const running = runWorker(world.ports({ retirement, clock }), settings(), stop.signal);
      await until(() => held() === 1);
      await pass(60_000);
      expect(world.indexOf("worker_outdated")).toBeGreaterThan(0);
      stop.abort();
      await until(() => world.indexOf("poller_stopped") >= 0);
      gate.abort();
      expect(await running).toBe("stopped");
      expect([retirement.calls, retirement.replacements, causes()]).toEqual([0, 0, ["outdated"]]);
      expect(world.queues.results.bodies).toHaveLength(1);
      expect(await world.queues.jobs.read()).toEqual({ visible: 2, inFlight: 0 });
    });
  });

  test("S3.16: idle for its time it retires by itself", async () => {
    const retirement = new FakeRetirement();
    const ports = world.ports({ retirement });
    expect(await runWorker(ports, world.settings({ idleSeconds: 0.05 }), new AbortController().signal)).toBe("retired");
    expect(retirement.calls).toBe(1);
  });
});
