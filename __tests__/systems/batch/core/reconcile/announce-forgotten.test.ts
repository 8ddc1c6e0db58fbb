import fc from "fast-check";
import { settlingSecondsOf } from "../../../../../systems/batch/contracts/upload-events";
import { announcedTo } from "../../../../../systems/batch/core/reconcile/announced-to";
import { parseUploadEvent, parseUploadMessage, uploadEventOf } from "../../../../../systems/batch/contracts/s3-event";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { announceForgotten, type ForgottenDeps } from "../../../../../systems/batch/core/reconcile/announce-forgotten";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { fileWords, wordItem } from "../../../../support/word-count";
import { FakeClock } from "../../../../support/fakes/clock";

const BUCKET = "data-processing";
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

class Uploads {
  public readonly clock = new FakeClock();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly results = new MemoryResultStore();
  public readonly store = new MemoryObjectStore([BUCKET], { now: () => this.clock.now() });
  public readonly jobs = new MemoryQueue({ name: "jobs", clock: this.clock });
  public readonly jobDeadLetters = new MemoryQueue({ name: "jobs-dead-letters", clock: this.clock });
  public readonly events: string[] = [];

  public deps(changes: Partial<ForgottenDeps> = {}): ForgottenDeps {
    return {
      ledger: this.ledger,
      store: this.store,
      results: this.results,
      jobs: this.jobs,
      uploads: this.jobs,
      settlingSeconds: 900,
      jobDeadLetters: this.jobDeadLetters,
      jobsRetentionSeconds: 4 * 86_400,
      clock: this.clock,
      log: (_level, event) => void this.events.push(event),
      processingBucket: BUCKET,
      reconcilePrefix: "",
      maximumObjects: 100,
      ...changes,
    };
  }

  /** Puts objects that are old enough to be missed. */
  public async upload(...keys: string[]): Promise<void> {
    for (const key of keys) await this.store.put(BUCKET, key, `text of ${key}`);
    this.clock.advance(15 * MINUTE);
  }

  public async count(key: string, changes: { readonly etag?: string } = {}): Promise<void> {
    const { etag, lastModified, size } = await this.store.head(BUCKET, key);
    const words = fileWords({ textBytes: size, totalWords: 3, distinctWords: 3 });
    await this.results.put([wordItem({ bucket: BUCKET, key, etag, size, lastModified, ...changes }, words)]);
  }

  public async except(key: string, etag?: string): Promise<void> {
    const { lastModified, size, ...head } = await this.store.head(BUCKET, key);
    await this.ledger.putUploadException({
      bucket: BUCKET,
      key,
      etag: etag ?? head.etag,
      size,
      lastModified,
      status: "quarantined",
      reason: "corrupt-gzip",
    });
  }

  /** Keys that were announced and not taken yet. */
  public announced(): string[] {
    return this.jobs.bodies.flatMap((body) => {
      const parsed = parseUploadMessage(body);
      return parsed.kind === "records" ? parsed.records.map(({ key }) => key) : [`no event: ${body}`];
    });
  }
}

let uploads: Uploads;
beforeEach(() => {
  uploads = new Uploads();
});

test("property: what is announced is read back as the object it stands for, whatever its key (O.9)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
      expect(parseUploadMessage(uploadEventOf({ bucket: BUCKET, key }))).toEqual({ kind: "records", records: [{ bucket: BUCKET, key }] });
    }),
  );
});

test("files with neither result nor exception are announced; all others are left alone", async () => {
  await uploads.upload("counted", "forgotten", "odd+name &c.txt", "quarantined", "unreadable");
  await uploads.count("counted");
  await uploads.except("quarantined");
  await uploads.except("unreadable", "");
  expect(await announceForgotten(uploads.deps())).toBe(2);
  expect(uploads.announced()).toEqual(["forgotten", "odd+name &c.txt"]);
  expect(uploads.events).toEqual(["file_reannounced", "file_reannounced"]);
});

test("an outcome of other content than what lies there now does not count", async () => {
  await uploads.upload("a", "b");
  await uploads.count("a", { etag: "older" });
  await uploads.except("b", "older");
  expect(await announceForgotten(uploads.deps())).toBe(2);
  expect(uploads.announced()).toEqual(["a", "b"]);
});

test("an upload of less than 15 minutes ago may be on its way", async () => {
  await uploads.store.put(BUCKET, "young", "text");
  uploads.clock.advance(15 * MINUTE - 1);
  expect(await announceForgotten(uploads.deps())).toBe(0);
  uploads.clock.advance(1);
  expect(await announceForgotten(uploads.deps())).toBe(1);
});

test("an upload older than the queue's retention had its chance", async () => {
  await uploads.store.put(BUCKET, "old", "text");
  uploads.clock.advance(4 * DAY + 1);
  expect(await announceForgotten(uploads.deps())).toBe(0);
  expect(await announceForgotten(uploads.deps({ jobsRetentionSeconds: 5 * 86_400 }))).toBe(1);
});

test.each([
  ["waits", 0],
  ["is in work", 60],
])("while a message of the jobs queue %s nothing is listed: it may be the announcement", async (_what, leaseSeconds) => {
  await uploads.upload("forgotten");
  await uploads.jobs.send([uploadEventOf({ bucket: BUCKET, key: "forgotten" })]);
  if (leaseSeconds > 0) await uploads.jobs.receive({ maximumMessages: 1, waitSeconds: 0, leaseSeconds });
  const list = jest.spyOn(uploads.store, "list");
  expect(await announceForgotten(uploads.deps())).toBe(0);
  expect(list).not.toHaveBeenCalled();
  expect(uploads.jobs.bodies).toHaveLength(1);
});

test("a file that a dead letter names is not announced again: it failed, and would circle (S1.52)", async () => {
  await uploads.upload("fails", "forgotten");
  await uploads.jobDeadLetters.send(["unreadable", uploadEventOf({ bucket: BUCKET, key: "fails" })]);
  expect(await announceForgotten(uploads.deps())).toBe(1);
  expect(uploads.announced()).toEqual(["forgotten"]);
  expect(await uploads.jobDeadLetters.read()).toEqual({ visible: 2, inFlight: 0 });
});

test("a dead letter about older content does not stand for what is there now", async () => {
  await uploads.upload("written twice");
  const { etag } = await uploads.store.head(BUCKET, "written twice");
  await uploads.jobDeadLetters.send([uploadEventOf({ bucket: BUCKET, key: "written twice", etag })]);
  expect(await announceForgotten(uploads.deps())).toBe(0);
  await uploads.store.put(BUCKET, "written twice", "newer text");
  uploads.clock.advance(15 * MINUTE);
  expect(await announceForgotten(uploads.deps())).toBe(1);
});

test("with more dead letters than can be looked at nothing is announced, and that is told", async () => {
  await uploads.upload("forgotten");
  await uploads.jobDeadLetters.send(Array.from({ length: 1_000 }, (_, index) => String(index)));
  expect(await announceForgotten(uploads.deps())).toBe(0);
  expect(uploads.events).toEqual(["reannouncement_held_back"]);
});

test("where nothing was forgotten no dead letter is touched", async () => {
  await uploads.upload("counted");
  await uploads.count("counted");
  const receive = jest.spyOn(uploads.jobDeadLetters, "receive");
  await announceForgotten(uploads.deps());
  expect(receive).not.toHaveBeenCalled();
});

test("a run lists so many objects and no more, the next goes on behind them, and the last begins anew", async () => {
  await uploads.upload("a", "b", "c", "d", "e");
  const runs: string[][] = [];
  for (let run = 0; run < 4; run += 1) {
    await announceForgotten(uploads.deps({ maximumObjects: 2 }));
    runs.push(uploads.announced());
    const taken = await uploads.jobs.receive({ maximumMessages: 10, waitSeconds: 0, leaseSeconds: 60 });
    await uploads.jobs.delete(taken);
  }
  expect(runs).toEqual([["a", "b"], ["c", "d"], ["e"], ["a", "b"]]);
});

test("more than one look-up's worth of objects is looked at in one run", async () => {
  const keys = Array.from({ length: 250 }, (_, index) => `key-${String(index).padStart(3, "0")}`);
  await uploads.upload(...keys);
  for (const key of keys.slice(0, 248)) await uploads.count(key);
  expect(await announceForgotten(uploads.deps({ maximumObjects: 1_000 }))).toBe(2);
  expect(uploads.announced()).toEqual(["key-248", "key-249"]);
});

test("only keys below the prefix are looked at", async () => {
  await uploads.upload("in/a", "out/b");
  expect(await announceForgotten(uploads.deps({ reconcilePrefix: "in/" }))).toBe(1);
  expect(uploads.announced()).toEqual(["in/a"]);
});

test("a run that fails goes on where it was, not behind what it did not look at", async () => {
  await uploads.upload("a", "b");
  jest.spyOn(uploads.jobs, "send").mockRejectedValueOnce(new Error("throttled"));
  await expect(announceForgotten(uploads.deps({ maximumObjects: 1 }))).rejects.toThrow("throttled");
  expect(await announceForgotten(uploads.deps({ maximumObjects: 1 }))).toBe(1);
  expect(uploads.announced()).toEqual(["a"]);
});

test("items are asked for a hundred at a time", async () => {
  await uploads.upload(...Array.from({ length: 250 }, (_, index) => `key-${index}`));
  const get = jest.spyOn(uploads.results, "get");
  await announceForgotten(uploads.deps({ maximumObjects: 1_000 }));
  expect(get.mock.calls.map(([filenames]) => filenames.length)).toEqual([100, 100, 50]);
});

test("an upload exactly as old as the retention is still announced, and the log names it", async () => {
  await uploads.store.put(BUCKET, "edge", "text");
  uploads.clock.advance(4 * DAY);
  const logged: unknown[] = [];
  expect(await announceForgotten(uploads.deps({ log: (...line) => void logged.push(line) }))).toBe(1);
  expect(logged).toEqual([["warn", "file_reannounced", { bucket: BUCKET, key: "edge" }]]);
});

describe("where a function takes uploads (S1.116)", () => {
  test("a forgotten one is announced to it as S3 does, with its size and without a time", async () => {
    const events: unknown[] = [];
    await uploads.upload("a b.txt");
    const sink = announcedTo({ invokeAsync: (event) => Promise.resolve(void events.push(event)) });
    expect(await announceForgotten(uploads.deps({ uploads: sink }))).toBe(1);
    const { etag, size } = await uploads.store.head(BUCKET, "a b.txt");
    expect(events.map(parseUploadEvent)).toEqual([{ kind: "records", records: [{ bucket: BUCKET, key: "a b.txt", etag, size }] }]);
    expect(uploads.jobs.bodies).toEqual([]);
  });

  test("none is as long as its event may wait for room in Lambda's queue", async () => {
    const settlingSeconds = settlingSecondsOf(300);
    await uploads.upload("waiting");
    uploads.clock.advance(settlingSeconds * 1_000 - 15 * MINUTE - 1);
    expect(await announceForgotten(uploads.deps({ settlingSeconds }))).toBe(0);
    uploads.clock.advance(1);
    expect(await announceForgotten(uploads.deps({ settlingSeconds }))).toBe(1);
  });
});
