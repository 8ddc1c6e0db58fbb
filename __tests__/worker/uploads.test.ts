import { entriesOf } from "../support/counts-section";
import { present } from "../../kit/lib/present";
import { itemWords } from "../support/word-count";
import { WORD_COUNT_METADATA } from "../../workloads/word-count/workload";
import { OBJECT_METADATA } from "../../systems/batch/contracts/names";
import { uploadAcknowledgedKey, uploadAcknowledgedPrefix, uploadPartialKey } from "../../systems/batch/contracts/state-keys";
import { SOURCE, STATE } from "../support/batch-world";
import { referenceCount } from "../support/reference";
import { s3Event, WorkerWorld } from "../support/worker-world";

describe("a worker with upload events", () => {
  let world: WorkerWorld;
  beforeEach(() => {
    world = new WorkerWorld();
  });
  afterEach(() => {
    world.dispose();
  });

  test("S0.5, S0.6, S0.7, S1.37, S1.79: an uploaded file becomes an item and an acknowledgement, and its message is gone", async () => {
    world.store.set(SOURCE, "some file+.txt", "delta words delta words again");
    await world.queues.jobs.send([s3Event("some file+.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    const { totalWords, words } = referenceCount("delta words delta words again");
    const item = itemWords(present(world.results.items.get(`${SOURCE}/some file+.txt`), "the item of the file"));
    expect(item).toMatchObject({ totalWords, words });
    expect(world.sent()).toMatchObject([{ type: "file-processed", key: "some file+.txt", result: item }]);
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

  test("S1.90, invariant 4: a run's file is noted as acknowledged after it is, and before its job is gone; a fault leaves the job", async () => {
    const run = "01JRVN00000000000000000000";
    const keys = ["a.txt", "gone.txt", "app.bin"].map((name) => `uploads/${run}/${name}`);
    world.store.set(SOURCE, keys[0] ?? "", "delta");
    world.store.set(SOURCE, keys[2] ?? "", Buffer.from("app\u0000\u0000"));
    world.store.set(SOURCE, "uploads/notes.txt", "of no run");
    const put = world.store.put.bind(world.store);
    const seen: { readonly acknowledged: number; readonly jobs: number }[] = [];
    let faults = 1;
    jest.spyOn(world.store, "put").mockImplementation((bucket, key, body) => {
      if (bucket !== STATE || !key.includes("/acknowledged/")) return put(bucket, key, body);
      seen.push({ acknowledged: world.queues.results.bodies.length, jobs: world.queues.jobs.bodies.length });
      faults -= 1;
      return faults < 0 ? put(bucket, key, body) : Promise.reject(new Error("bucket out of reach"));
    });
    await world.queues.jobs.send([s3Event(...keys)]);
    await world.working(() => world.indexOf("job_result_failed") >= 0);
    expect({ jobs: world.queues.jobs.bodies.length, first: seen[0] }).toEqual({ jobs: 1, first: { acknowledged: 3, jobs: 1 } });
    expect(world.store.keys(STATE).filter((key) => key.startsWith(uploadAcknowledgedPrefix(run)))).toEqual([]);
    await world.queues.jobs.send([s3Event(...keys), s3Event("uploads/notes.txt")]);
    await world.working(() => world.queues.results.bodies.length === 7);
    for (const { acknowledged, jobs } of seen)
      expect({ acknowledged: acknowledged >= 3, jobs: jobs >= 1 }).toEqual({ acknowledged: true, jobs: true });
    expect(world.store.keys(STATE).filter((key) => key.includes("/acknowledged/"))).toEqual(
      keys.map((key) => uploadAcknowledgedKey(run, `${SOURCE}/${key}`)).toSorted(),
    );
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
    ["S1.32: an archive among the texts", "app.zip", Buffer.from("PK\u0003\u0004\u0000\u0000"), "skipped", "compressed"],
    ["S1.32: a file that is no text", "app.bin", Buffer.from("app\u0000\u0000"), "skipped", "not-text"],
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
    const metadata = { [WORD_COUNT_METADATA.minimumWordLength]: "1", [WORD_COUNT_METADATA.top]: "2", [OBJECT_METADATA.run]: run };
    world.store.set(SOURCE, "a.txt", "a b a c a b", { metadata });
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.sent()).toMatchObject([
      {
        result: {
          totalWords: 6,
          distinctWords: 3,
          words: [
            { word: "a", count: 3 },
            { word: "b", count: 2 },
          ],
        },
      },
    ]);
    const partial = world.store.bytes(STATE, uploadPartialKey(run, `${SOURCE}/a.txt`));
    expect(await entriesOf(world.directory, [partial.subarray(partial.indexOf("\n") + 1)])).toEqual([
      { word: "a", count: 3 },
      { word: "b", count: 2 },
      { word: "c", count: 1 },
    ]);
  });

  test.each(["../../escape", "", "01JRVN"])("metadata %j that is no run id makes no object", async (run) => {
    world.store.set(SOURCE, "a.txt", "delta", { metadata: { [OBJECT_METADATA.run]: run } });
    const before = world.store.keys(STATE);
    await world.queues.jobs.send([s3Event("a.txt")]);
    await world.working(() => world.queues.jobs.bodies.length === 0);
    expect(world.store.keys(STATE)).toEqual(before);
  });
});
