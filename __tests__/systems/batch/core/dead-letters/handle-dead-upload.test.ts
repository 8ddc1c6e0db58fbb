import { resultMessageSchema } from "../../../../../systems/batch/contracts/messages";
import { uploadEventOf, type UploadRecord } from "../../../../../systems/batch/contracts/s3-event";
import { uploadAcknowledgedKey, uploadRunPrefix } from "../../../../../systems/batch/contracts/state-keys";
import { handleDeadUpload, type DeadUploadDeps } from "../../../../../systems/batch/core/dead-letters/handle-dead-upload";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../../../kit/simulator/memory/memory-queue";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "../../../../support/fakes/clock";
import { fileWords, wordItem } from "../../../../support/word-count";

const BUCKET = "data-processing";
const STATE = "batch-state";
const WORDS = fileWords({ textBytes: 4, words: [{ word: "text", count: 1 }], totalWords: 1, distinctWords: 1 });

class DeadUploads {
  public readonly clock = new FakeClock();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly results = new MemoryResultStore();
  public readonly store = new MemoryObjectStore([BUCKET, STATE], { now: () => this.clock.now() });
  public readonly resultsQueue = new MemoryQueue({ name: "results", clock: this.clock });
  public readonly jobs = new MemoryQueue({ name: "jobs", clock: this.clock });
  public readonly deps: DeadUploadDeps = {
    ledger: this.ledger,
    store: this.store,
    results: this.results,
    uploads: this.jobs,
    resultsQueue: this.resultsQueue,
    stateBucket: STATE,
    processingBucket: BUCKET,
    log: () => undefined,
  };

  public async upload(
    key: string,
    text = "text",
  ): Promise<{ bucket: string; key: string; etag: string; size: number; lastModified: string }> {
    await this.store.put(BUCKET, key, text);
    const { etag, lastModified, size } = await this.store.head(BUCKET, key);
    return { bucket: BUCKET, key, etag, size, lastModified };
  }

  /** Workers of so many names were lost while they had the file alone. */
  public async lose(content: UploadRecord, ...workers: string[]): Promise<void> {
    for (const worker of workers) await this.ledger.beginUpload(content, { id: `attempt of ${worker}`, worker });
  }

  public get told(): { type: string; messageId: string }[] {
    return this.resultsQueue.bodies.map((body) => resultMessageSchema.parse(JSON.parse(body)));
  }
}
let world: DeadUploads;
beforeEach(() => {
  world = new DeadUploads();
});
const handle = (body: string, messageId = "dead-1") => handleDeadUpload(world.deps, { body, messageId });
const deadly = async (key: string, text?: string) => {
  const file = await world.upload(key, text);
  await world.lose(file, "i-1", "i-2");
  return file;
};
const recordsOf = (...contents: readonly UploadRecord[]): string =>
  JSON.stringify({ Records: contents.flatMap((content) => (JSON.parse(uploadEventOf(content)) as { Records: unknown[] }).Records) });

test("invariant 2: a file that comes to another outcome after it was given up is told with another id: the same id has the same content", async () => {
  const file = await deadly("deadly");
  expect(await handle(uploadEventOf(file))).toBe("acknowledged");
  // a copy of its message found a worker
  await world.ledger.putUploadException({ ...file, status: "skipped", reason: "compressed" });
  expect(await handle(uploadEventOf(file))).toBe("acknowledged");
  expect(await handle(uploadEventOf(file))).toBe("known");
  expect(world.told.map(({ type }) => type)).toEqual(["file-quarantined", "file-skipped"]);
  expect(new Set(world.told.map(({ messageId }) => messageId)).size).toBe(2);
});

test("S1.52, invariant 7: a file that two workers were lost under is quarantined and acknowledged, once for what is in it", async () => {
  const file = await deadly("deadly");
  const body = uploadEventOf(file);
  expect(await handle(body)).toBe("acknowledged");
  expect(await handle(body)).toBe("known");
  expect(world.told).toMatchObject([{ ...file, type: "file-quarantined", reason: "kills-worker", filename: `${BUCKET}/deadly` }]);
  expect(await world.ledger.getUploadException(`${BUCKET}/deadly`)).toMatchObject({
    ...file,
    status: "quarantined",
    reason: "kills-worker",
  });
  // other content of the same key, which died too
  const other = await deadly("deadly", "other text");
  expect(await handle(uploadEventOf(other))).toBe("acknowledged");
  expect(new Set(world.told.map(({ messageId }) => messageId)).size).toBe(2);
  expect(world.told).toMatchObject([{ etag: file.etag }, { etag: other.etag }]);
  expect(world.jobs.bodies).toEqual([]);
});

test.each([
  ["that no worker had alone", []],
  ["that one worker was lost under", ["i-1"]],
  ["whose second worker was taken back by EC2", ["i-1", "i-spot"]],
])("invariant 7: a file %s is innocent: it is sent back as it came, and nobody is told anything", async (_what, workers) => {
  const file = await world.upload("innocent");
  await world.ledger.noteSpotNotice("i-spot", "2026-01-01T00:00:00.000Z");
  await world.lose(file, ...workers);
  // white space is the message's own
  const body = ` ${uploadEventOf(file)}`;
  expect(await handle(body)).toBe("sent-back");
  expect(world.jobs.bodies).toEqual([body]);
  expect(world.told).toEqual([]);
  expect(await world.ledger.getUploadException(`${BUCKET}/innocent`)).toBeUndefined();
});

test("invariant 7: an attempt that ended counts against nobody", async () => {
  const file = await deadly("innocent");
  await world.ledger.endUpload(file, "attempt of i-2");
  expect(await handle(uploadEventOf(file))).toBe("sent-back");
});

test("S1.52: a file is sent back three times, and given up when it comes again", async () => {
  const body = uploadEventOf(await world.upload("fails"));
  const outcomes = [];
  for (const letter of ["dead-1", "dead-2", "dead-3", "dead-4", "dead-5"]) outcomes.push(await handle(body, letter));
  expect(outcomes).toEqual(["sent-back", "sent-back", "sent-back", "acknowledged", "known"]);
  expect(world.jobs.bodies).toEqual([body, body, body]);
  expect(world.told).toMatchObject([{ type: "file-quarantined", reason: "kills-worker" }]);
});

test("invariant 3: a crash after a message was sent back counts it once, whether it was noted or not", async () => {
  const file = await world.upload("innocent");
  const body = uploadEventOf(file);
  jest.spyOn(world.ledger, "noteUploadRedrive").mockRejectedValueOnce(new Error("the function was ended"));
  await expect(handle(body)).rejects.toThrow("was ended");
  expect([await handle(body), await handle(body)]).toEqual(["sent-back", "sent-back"]);
  expect(await world.ledger.getUploadSuspicion(file)).toEqual({ deaths: 0, redriven: ["dead-1"] });
  expect(world.jobs.bodies).toEqual([body, body]);
});

test("invariant 3: a message that can't be sent back stays, uncounted", async () => {
  const file = await world.upload("innocent");
  jest.spyOn(world.jobs, "send").mockRejectedValueOnce(new Error("throttled"));
  await expect(handle(uploadEventOf(file))).rejects.toThrow("throttled");
  expect(await world.ledger.getUploadSuspicion(file)).toEqual({ deaths: 0, redriven: [] });
});

test("S1.90: the run that a file is of sees that it is acknowledged", async () => {
  const runId = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
  const file = await deadly(`${uploadRunPrefix(runId)}deadly`);
  await handle(uploadEventOf(file));
  const noted = world.store.text(STATE, uploadAcknowledgedKey(runId, `${BUCKET}/${file.key}`));
  expect(JSON.parse(noted)).toEqual({ messageId: world.told[0]?.messageId });
});

test("S1.52: a crash after the acknowledgement repeats it with the same id", async () => {
  const body = uploadEventOf(await deadly("deadly"));
  jest.spyOn(world.ledger, "putUploadException").mockRejectedValueOnce(new Error("the function was ended"));
  await expect(handle(body)).rejects.toThrow("was ended");
  expect(await handle(body)).toBe("acknowledged");
  const [first, second] = world.told;
  expect(second).toEqual(first);
});

test("invariant 4: what a worker has stored and could not acknowledge is acknowledged as it is, and its message is of no use any more", async () => {
  const file = await world.upload("counted");
  await world.results.put([wordItem(file, WORDS)]);
  expect(await handle(uploadEventOf(file))).toBe("through");
  expect(world.told).toMatchObject([{ ...file, type: "file-processed", result: WORDS, outputs: { files: 0, bytes: 0 } }]);
  expect(await world.ledger.getUploadException(`${BUCKET}/counted`)).toBeUndefined();
});

test("what a worker has left unprocessed and could not acknowledge keeps its reason", async () => {
  const file = await world.upload("picture");
  await world.ledger.putUploadException({ ...file, status: "skipped", reason: "not-text" });
  expect(await handle(uploadEventOf(file))).toBe("acknowledged");
  expect(await handle(uploadEventOf(file))).toBe("known");
  expect(world.told).toMatchObject([{ type: "file-skipped", reason: "not-text", etag: file.etag }]);
});

test("a message about older content says nothing of what is there now; one that names none is about that", async () => {
  const older = await world.upload("written twice");
  const newer = await world.upload("written twice", "newer");
  expect(await handle(uploadEventOf(older))).toBe("known");
  expect(world.told).toEqual([]);
  const { bucket, key } = newer;
  await world.lose({ bucket, key }, "i-1", "i-2");
  expect(await handle(uploadEventOf({ bucket, key }))).toBe("acknowledged");
  expect(world.told).toMatchObject([{ etag: newer.etag }]);
});

test("a file that isn't there any more is missing, be a longer key there", async () => {
  await world.upload("gone and another");
  expect(await handle(uploadEventOf({ bucket: BUCKET, key: "gone" }))).toBe("acknowledged");
  expect(world.told).toMatchObject([{ type: "file-quarantined", reason: "missing", etag: "", key: "gone" }]);
});

test("several records are several files: the message is of no use when all of them are through", async () => {
  const [one, other] = [await world.upload("one"), await deadly("other")];
  const body = recordsOf(one, other);
  await world.results.put([wordItem(one, WORDS)]);
  expect(await handle(body)).toBe("acknowledged");
  await world.results.put([wordItem(other, WORDS)]);
  expect(await handle(body)).toBe("through");
});

test("invariant 7: of several records the innocent ones go back once, each in a message of its own; the letter stays for the others", async () => {
  const [guilty, innocent] = [await deadly("guilty"), await world.upload("innocent")];
  const body = recordsOf(innocent, guilty);
  expect(await handle(body)).toBe("acknowledged");
  expect(world.told).toMatchObject([{ key: "guilty", reason: "kills-worker" }]);
  // looked at again by each run of the repairs
  expect(await handle(body)).toBe("known");
  expect(world.jobs.bodies).toEqual([uploadEventOf(innocent)]);
  const both = recordsOf(innocent, await world.upload("another"));
  expect(await handle(both, "dead-2")).toBe("sent-back");
});

test.each([
  ["unreadable", "no JSON"],
  ["of another bucket", uploadEventOf({ bucket: "another-bucket", key: "deadly" })],
])("a message that is %s stays for people to look at", async (_what, body) => {
  expect(await handle(body)).toBe("known");
  expect(world.told).toEqual([]);
});

test("S3's test event is of no use", async () => {
  expect(await handle(JSON.stringify({ Service: "Amazon S3", Event: "s3:TestEvent" }))).toBe("through");
});

describe("an event that Lambda gave up (S1.116)", () => {
  const keptOf = (file: UploadRecord, condition: string): string =>
    JSON.stringify({ version: "1.0", requestContext: { condition }, requestPayload: JSON.parse(uploadEventOf(file)) as object });

  test("is diagnosed as a job is: after two deaths its file is quarantined, and the record stays", async () => {
    const file = await world.upload("deadly");
    await world.lose(file, "lambda:1", "lambda:2");
    expect(await handle(keptOf(file, "RetriesExhausted"))).toBe("acknowledged");
    expect(await handle(keptOf(file, "RetriesExhausted"))).toBe("known");
    expect(world.told).toMatchObject([{ type: "file-quarantined" }]);
  });

  test("with fewer it is announced again as S3 told of it: by its time a repetition", async () => {
    const file = { ...(await world.upload("suspect")), happenedAt: world.clock.now() };
    expect(await handle(keptOf(file, "RetriesExhausted"))).toBe("sent-back");
    expect(world.jobs.bodies).toEqual([uploadEventOf(file)]);
  });

  test("three times at most, unless Lambda had no room for it: that says nothing of the file", async () => {
    const file = await world.upload("suspect");
    for (let time = 1; time <= 5; time += 1) expect(await handle(keptOf(file, "EventAgeExceeded"), `expired-${time}`)).toBe("sent-back");
    for (let time = 1; time <= 3; time += 1) expect(await handle(keptOf(file, "RetriesExhausted"), `tried-${time}`)).toBe("sent-back");
    expect(await handle(keptOf(file, "EventAgeExceeded"), "expired-6")).toBe("sent-back");
    expect(await handle(keptOf(file, "RetriesExhausted"), "tried-4")).toBe("acknowledged");
  });
});
