import { resultMessageSchema } from "../../../core/contracts/messages";
import { uploadEventOf } from "../../../core/contracts/s3-event";
import { handleDeadUpload, type DeadUploadDeps } from "../../../core/dead-letters/handle-dead-upload";
import { RowLedger } from "../../../core/ledger/row-ledger";
import { MemoryObjectStore } from "../../../simulator/memory/memory-object-store";
import { MemoryQueue } from "../../../simulator/memory/memory-queue";
import { MemoryResultStore } from "../../../simulator/memory/memory-result-store";
import { MemoryRowStore } from "../../../simulator/memory/memory-row-store";
import { FakeClock } from "../../support/fakes/clock";

const BUCKET = "data-processing";
const COUNTS = {
  encoding: "utf-8",
  textBytes: 4,
  invalidBytes: 0,
  words: [{ word: "text", count: 1 }],
  totalWords: 1,
  distinctWords: 1,
  overlongWords: 0,
} as const;

class DeadUploads {
  public readonly clock = new FakeClock();
  public readonly ledger = new RowLedger(new MemoryRowStore(), this.clock);
  public readonly results = new MemoryResultStore();
  public readonly store = new MemoryObjectStore([BUCKET], { now: () => this.clock.now() });
  public readonly resultsQueue = new MemoryQueue({ name: "results", clock: this.clock });
  public readonly deps: DeadUploadDeps = {
    ledger: this.ledger,
    store: this.store,
    results: this.results,
    resultsQueue: this.resultsQueue,
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

  public get told(): { type: string; messageId: string }[] {
    return this.resultsQueue.bodies.map((body) => resultMessageSchema.parse(JSON.parse(body)));
  }
}
let world: DeadUploads;
beforeEach(() => {
  world = new DeadUploads();
});
const handle = (body: string) => handleDeadUpload(world.deps, body);

test("S1.52: a file that no worker settled is quarantined and acknowledged, once for what is in it", async () => {
  const file = await world.upload("deadly");
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
  const other = await world.upload("deadly", "other text");
  expect(await handle(uploadEventOf(other))).toBe("acknowledged");
  expect(new Set(world.told.map(({ messageId }) => messageId)).size).toBe(2);
  expect(world.told).toMatchObject([{ etag: file.etag }, { etag: other.etag }]);
});

test("S1.52: a crash after the acknowledgement repeats it with the same id", async () => {
  const body = uploadEventOf(await world.upload("deadly"));
  jest.spyOn(world.ledger, "putUploadException").mockRejectedValueOnce(new Error("the function was ended"));
  await expect(handle(body)).rejects.toThrow("was ended");
  expect(await handle(body)).toBe("acknowledged");
  const [first, second] = world.told;
  expect(second).toEqual(first);
});

test("invariant 4: what a worker has stored and could not acknowledge is acknowledged as it is, and its message is of no use any more", async () => {
  const file = await world.upload("counted");
  await world.results.put([{ ...file, ...COUNTS, optionsHash: "hash" }]);
  expect(await handle(uploadEventOf(file))).toBe("through");
  expect(world.told).toMatchObject([{ ...file, ...COUNTS, type: "file-processed" }]);
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
  expect(await handle(uploadEventOf({ bucket, key }))).toBe("acknowledged");
  expect(world.told).toMatchObject([{ etag: newer.etag }]);
});

test("a file that isn't there any more is missing, be a longer key there", async () => {
  await world.upload("gone and another");
  expect(await handle(uploadEventOf({ bucket: BUCKET, key: "gone" }))).toBe("acknowledged");
  expect(world.told).toMatchObject([{ type: "file-quarantined", reason: "missing", etag: "", key: "gone" }]);
});

test("several records are several files: the message is of no use when all of them are through", async () => {
  const [one, other] = [await world.upload("one"), await world.upload("other")];
  const records = [one, other].flatMap((file) => (JSON.parse(uploadEventOf(file)) as { Records: unknown[] }).Records);
  const body = JSON.stringify({ Records: records });
  await world.results.put([{ ...one, ...COUNTS, optionsHash: "hash" }]);
  expect(await handle(body)).toBe("acknowledged");
  await world.results.put([{ ...other, ...COUNTS, optionsHash: "hash" }]);
  expect(await handle(body)).toBe("through");
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
