import { systemClock } from "../../adapters/system-clock";
import { OBJECT_METADATA } from "../../core/contracts/names";
import { resultMessageSchema, type ResultMessage } from "../../core/contracts/messages";
import { uploadPartialKey } from "../../core/contracts/state-keys";
import { Collector } from "../../worker/collector";
import { LeaseKeeper } from "../../worker/lease-keeper";
import { Worker, type WorkerDeps } from "../../worker/worker";
import { BatchWorld, REF, SOURCE, STATE } from "../support/batch-world";
import { InMemoryQueue } from "../support/fakes/queue";
import { FakeTaskCallback } from "../support/fakes/task-callback";
import { referenceCount } from "../support/reference";
import { until } from "../support/until";

const LEASE_SECONDS = 60;

interface Event {
  readonly event: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const s3Event = (...keys: string[]): string =>
  JSON.stringify({
    Records: keys.map((key) => ({
      eventSource: "aws:s3",
      eventName: "ObjectCreated:Copy",
      s3: { bucket: { name: SOURCE }, object: { key: encodeURIComponent(key).replaceAll("%20", "+") } },
    })),
  });

describe("the worker", () => {
  let world: BatchWorld;
  let jobs: InMemoryQueue;
  let chunks: InMemoryQueue;
  let jobsDead: InMemoryQueue;
  let chunksDead: InMemoryQueue;
  let results: InMemoryQueue;
  let callback: FakeTaskCallback;
  let events: Event[];

  beforeEach(() => {
    world = new BatchWorld();
    [jobs, chunks, jobsDead, chunksDead, results] = [1, 2, 3, 4, 5].map(() => new InMemoryQueue(systemClock)) as [
      InMemoryQueue,
      InMemoryQueue,
      InMemoryQueue,
      InMemoryQueue,
      InMemoryQueue,
    ];
    callback = new FakeTaskCallback();
    events = [];
  });
  afterEach(() => {
    world.dispose();
  });

  const depsOf = (): WorkerDeps => {
    const log = (_level: string, event: string, fields: Readonly<Record<string, unknown>>): void => {
      events.push({ event, fields });
    };
    const leases = new LeaseKeeper(systemClock, LEASE_SECONDS, 120, log);
    const collector = new Collector(results, leases, log);
    const chunkDeps = { ...world.chunkDeps(), log };
    return {
      sources: [
        { kind: "chunk", queue: chunks, deadLetters: chunksDead },
        { kind: "upload", queue: jobs, deadLetters: jobsDead },
      ],
      leases,
      collector,
      slot: { chunk: chunkDeps, upload: { ...chunkDeps, defaults: { minimumWordLength: 5, top: 10 } }, callback, collector, leases, log },
      clock: systemClock,
      log,
    };
  };
  const working = async (condition: () => boolean, slots = 2): Promise<void> => {
    const stop = new AbortController();
    const running = new Worker(depsOf(), { slots, leaseSeconds: LEASE_SECONDS }).run(stop.signal);
    await until(condition);
    stop.abort();
    expect(await running).toBe("stopped");
  };
  const sent = (): ResultMessage[] => results.bodies.map((body) => resultMessageSchema.parse(JSON.parse(body)));
  const indexOf = (event: string): number => events.findIndex((entry) => entry.event === event);

  test("S1.37, S1.79: an uploaded file becomes an item and an acknowledgement, and its message is gone", async () => {
    world.store.set(SOURCE, "some file+.txt", "delta words delta words again");
    await jobs.send([s3Event("some file+.txt")]);
    await working(() => jobs.bodies.length === 0);
    const { totalWords, words } = referenceCount("delta words delta words again");
    expect(world.results.items.get(`${SOURCE}/some file+.txt`)).toMatchObject({ totalWords, words });
    expect(sent()).toMatchObject([{ type: "file-processed", key: "some file+.txt", words }]);
  });

  test("S1.45: the lines of one job come in order and carry the id of its message", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    await jobs.send([s3Event("a.txt")]);
    await working(() => jobs.bodies.length === 0);
    const own = events.filter(({ fields }) => "jobId" in fields);
    expect(own.map(({ event }) => event)).toEqual([
      "message_received",
      "job_received",
      "job_result_received",
      "job_processed",
      "message_deleted",
    ]);
    expect(new Set(own.map(({ fields }) => fields["jobId"]))).toEqual(new Set(["message-1"]));
  });

  test("O.5: a message of several records is deleted after all of them; every record is acknowledged", async () => {
    for (const key of ["a.txt", "b.txt", "c.txt"]) world.store.set(SOURCE, key, `words of ${key}`);
    await jobs.send([s3Event("a.txt", "b.txt", "c.txt")]);
    await working(() => jobs.bodies.length === 0);
    expect(sent().map((message) => ("key" in message ? message.key : ""))).toEqual(["a.txt", "b.txt", "c.txt"]);
  });

  test("S1.46: while the table can't be written the message stays and nothing is acknowledged", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    jest.spyOn(world.results, "put").mockRejectedValue(new Error("table out of reach"));
    await jobs.send([s3Event("a.txt")]);
    await working(() => indexOf("job_failed") >= 0);
    expect(jobs.bodies).toHaveLength(1);
    expect(sent()).toEqual([]);
  });

  test("invariant 4: while the results queue can't be reached the message stays; the next delivery acknowledges with the same id", async () => {
    world.store.set(SOURCE, "a.txt", "delta");
    await jobs.send([s3Event("a.txt")]);
    const send = jest.spyOn(results, "send").mockRejectedValueOnce(new Error("queue out of reach"));
    await working(() => indexOf("job_result_failed") >= 0);
    expect(jobs.bodies).toHaveLength(1);
    send.mockRestore();
    await jobs.send([s3Event("a.txt")]);
    await working(() => results.bodies.length === 1);
    expect(world.results.items.size).toBe(1);
  });

  test("S1.74, invariant 3: an object announced twice stays one item, with acknowledgements of one id", async () => {
    world.store.set(SOURCE, "61.txt", "delta words");
    await jobs.send([s3Event("61.txt"), s3Event("61.txt")]);
    await working(() => jobs.bodies.length === 0);
    expect(world.results.items.size).toBe(1);
    expect(results.bodies).toHaveLength(2);
    expect(new Set(sent().map(({ messageId }) => messageId)).size).toBe(1);
  });

  test.each([
    ["S1.32: a file that is no text", "app.zip", Buffer.from("PK\u0003\u0004\u0000\u0000"), "skipped", "not-text"],
    ["a corrupt gzip file", "a.gz", Buffer.from("no gzip at all"), "quarantined", "corrupt-gzip"],
  ])("%s is acknowledged as such, recorded, and makes no item", async (_name, key, body, status, reason) => {
    world.store.set(SOURCE, key, body);
    await jobs.send([s3Event(key)]);
    await working(() => jobs.bodies.length === 0);
    expect(sent()).toMatchObject([{ type: `file-${status}`, reason }]);
    expect(await world.ledger.getUploadException(`${SOURCE}/${key}`)).toMatchObject({ status, reason });
    expect(world.results.items.size).toBe(0);
  });

  test("a file deleted before its job was taken is quarantined as missing", async () => {
    await jobs.send([s3Event("gone.txt")]);
    await working(() => jobs.bodies.length === 0);
    expect(sent()).toMatchObject([{ type: "file-quarantined", reason: "missing", key: "gone.txt" }]);
  });

  test("O.6: S3's test event is deleted; an unreadable message goes to the dead-letter queue, as it came", async () => {
    await jobs.send([JSON.stringify({ Event: "s3:TestEvent" }), "nonsense"]);
    await chunks.send(["{}"]);
    await working(() => jobs.bodies.length === 0 && chunks.bodies.length === 0);
    expect(jobsDead.bodies).toEqual(["nonsense"]);
    expect(chunksDead.bodies).toEqual(["{}"]);
    expect(results.bodies).toEqual([]);
  });

  test("the upload path heeds an object's own options, and keeps the counts for the run that asked for them", async () => {
    const run = "01JRVN00000000000000000000";
    const metadata = { [OBJECT_METADATA.minimumWordLength]: "1", [OBJECT_METADATA.top]: "2", [OBJECT_METADATA.run]: run };
    world.store.set(SOURCE, "a.txt", "a b a c a b", { metadata });
    await jobs.send([s3Event("a.txt")]);
    await working(() => jobs.bodies.length === 0);
    expect(sent()).toMatchObject([
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
    await jobs.send([s3Event("a.txt")]);
    await working(() => jobs.bodies.length === 0);
    expect(world.store.keys(STATE)).toEqual(before);
  });

  const chunkMessages = (token = (index: number) => `token-${index}`): string[] =>
    world.chunks.map((chunk) => JSON.stringify({ schemaVersion: 1, type: "chunk", ...REF, chunk, token: token(chunk.index) }));
  const tenFiles = Array.from({ length: 10 }, (_, index) => ({ name: `${index}.txt`, body: `words number ${index} and again words` }));

  test("C.2: every chunk is worked on, acknowledged, called back with counts only, and its message deleted", async () => {
    await world.plan(tenFiles, { filesPerChunk: 2 });
    await chunks.send(chunkMessages());
    await working(() => chunks.bodies.length === 0);
    expect(callback.calls.map(({ token }) => token).sort()).toEqual(world.chunks.map(({ index }) => `token-${index}`));
    expect(new Set(callback.calls.map(({ output }) => JSON.stringify(output)))).toEqual(new Set(['{"outcome":"finished"}']));
    expect(sent()).toHaveLength(tenFiles.length);
  });

  test("design 5: chunks of a closed generation are called back as closed and drained; nothing of them is done", async () => {
    await world.plan(tenFiles, { filesPerChunk: 5 });
    await world.ledger.closeGeneration(REF, "cancelled");
    await chunks.send(chunkMessages());
    await working(() => chunks.bodies.length === 0);
    expect(callback.calls.map(({ output }) => output.outcome)).toEqual(["closed", "closed"]);
    expect(results.bodies).toEqual([]);
  });

  test("design 5: a message with a token that is none goes to the dead-letter queue after its work", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    callback.invalid.add("token-0");
    await chunks.send(chunkMessages());
    await working(() => chunks.bodies.length === 0);
    expect(chunksDead.bodies).toHaveLength(1);
  });

  test("a chunk of a batch that the ledger doesn't know goes to the dead-letter queue", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    const foreign = chunkMessages().map((body) => body.replace(REF.batchId, "01JFAREGN00000000000000000"));
    await chunks.send(foreign);
    await working(() => chunks.bodies.length === 0);
    expect(chunksDead.bodies).toEqual(foreign);
    expect(callback.calls).toEqual([]);
  });

  test("S1.47: told to stop in the middle, it drains poller, slots, collector in that order and leaves the rest to others", async () => {
    await world.plan(tenFiles, { filesPerChunk: 10 });
    await chunks.send(chunkMessages());
    const stop = new AbortController();
    const deps = depsOf();
    const get = world.store.get.bind(world.store);
    let reads = 0;
    jest.spyOn(world.store, "get").mockImplementation((bucket, key, options) => {
      if (bucket === SOURCE && (reads += 1) === 4) stop.abort();
      return get(bucket, key, options);
    });
    expect(await new Worker(deps, { slots: 1, leaseSeconds: LEASE_SECONDS }).run(stop.signal)).toBe("stopped");
    const order = ["drain_started", "poller_stopped", "slots_stopped", "collector_stopped"].map(indexOf);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(order).not.toContain(-1);
    expect(world.ledger.row(REF, 0)).toMatchObject({ outcomes: "PPPP", state: "open" });
    expect(results.bodies).toHaveLength(4);
    expect(callback.calls).toEqual([]);
    expect(await chunks.read()).toEqual({ visible: 1, inFlight: 0 });
    await working(() => chunks.bodies.length === 0);
    expect(new Set(sent().map(({ messageId }) => messageId)).size).toBe(tenFiles.length);
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
    await jobs.send(Array.from({ length: 10 }, (_, index) => s3Event(`${index}.txt`)));
    const stop = new AbortController();
    const running = new Worker(depsOf(), { slots: 3, leaseSeconds: LEASE_SECONDS }).run(stop.signal);
    await until(() => active === 3);
    stop.abort();
    await until(() => indexOf("poller_stopped") >= 0);
    gate.abort();
    await running;
    expect(most).toBe(3);
    expect(results.bodies).toHaveLength(3);
    expect(await jobs.read()).toEqual({ visible: 7, inFlight: 0 });
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
    await jobs.send(Array.from({ length: 3 }, (_, index) => s3Event(`${index}.txt`)));
    jest.spyOn(jobs, "extend").mockRejectedValue(new Error("queue out of reach"));
    const stop = new AbortController();
    const running = new Worker(depsOf(), { slots: 1, leaseSeconds: LEASE_SECONDS }).run(stop.signal);
    await until(() => active === 1);
    stop.abort();
    await until(() => indexOf("poller_stopped") >= 0);
    gate.abort();
    expect(await running).toBe("stopped");
    expect(results.bodies).toHaveLength(1);
    expect(jobs.bodies).toHaveLength(2);
  });

  test("S3.16: idle for its time it ends by itself", async () => {
    const worker = new Worker(depsOf(), { slots: 2, leaseSeconds: LEASE_SECONDS, idleSeconds: 0.05 });
    expect(await worker.run(new AbortController().signal)).toBe("idle");
  });
});
