import { uploadMessageId } from "../../../../../systems/batch/contracts/acknowledgement";
import type { WordCountOptions } from "../../../../../workloads/word-count/options";
import { processedLineSchema } from "../../../../../systems/batch/contracts/files";
import { OBJECT_METADATA } from "../../../../../systems/batch/contracts/names";
import { uploadPartialKey } from "../../../../../systems/batch/contracts/state-keys";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { processUpload, type UploadDeps } from "../../../../../systems/batch/core/upload-work/process-upload";
import { WORD_COUNT_METADATA } from "../../../../../workloads/word-count/workload";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { entriesOf } from "../../../../support/counts-section";
import { countDeps, temporaryDirectory } from "../../../../support/count-harness";
import { FakeClock } from "../../../../support/fakes/clock";
import { itemWords, resultWords, sessionsIn, wordCountOf } from "../../../../support/word-count";
import { present } from "../../../../../kit/lib/present";

const BUCKET = "processing";
const STATE = "batch-state";
const KEY = "dir/a.txt";
const NAME = `${BUCKET}/${KEY}`;
const RUN = "01JRVN00000000000000000000";
const DEFAULTS: WordCountOptions = { minimumWordLength: 5, top: 10, encoding: "auto" };
const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
afterEach(() => {
  directory.assertEmpty();
});

function setUp(versioned = false) {
  const clock = new FakeClock();
  const store = new MemoryObjectStore([BUCKET, STATE], { versioned });
  const results = new MemoryResultStore();
  const ledger = new RowLedger(new MemoryRowStore(), clock);
  const logged: { readonly event: string; readonly fields: Readonly<Record<string, unknown>> }[] = [];
  const log: UploadDeps["log"] = (_level, event, fields) => void logged.push({ event, fields });
  const deps: UploadDeps = {
    store,
    results,
    ledger,
    clock,
    log,
    room: countDeps(directory.path),
    stateBucket: STATE,
    sessions: sessionsIn({ store, stateBucket: STATE, directory: directory.path }),
    workload: wordCountOf(),
  };
  const run = (signal = new AbortController().signal) => processUpload(deps, { bucket: BUCKET, key: KEY }, signal);
  return { ledger, logged, results, run, store };
}

test.each([false, true])("item and acknowledgement are of what was read, with its version where it has one (%p)", async (versioned) => {
  const { logged, results, run, store } = setUp(versioned);
  store.set(BUCKET, KEY, "alpha alpha betas");
  const { body, ...head } = await store.get(BUCKET, KEY);
  body.destroy();
  const acknowledgement = await run();
  const { metadata, ...identity } = { ...head, bucket: BUCKET, key: KEY };
  expect(metadata).toEqual({});
  expect("versionId" in identity).toBe(versioned);
  expect(acknowledgement).toMatchObject({
    type: "file-processed",
    messageId: uploadMessageId(identity, wordCountOf().hash),
    filename: NAME,
    result: { totalWords: 3 },
    outputs: { files: 0, bytes: 0 },
  });
  const words = [
    { word: "alpha", count: 2 },
    { word: "betas", count: 1 },
  ];
  const { attributes, ...item } = present(results.items.get(NAME), "the item of the file");
  expect(item).toEqual({ ...identity, workload: "word-count", optionsHash: wordCountOf().hash });
  expect(itemWords({ attributes, ...item })).toEqual({
    encoding: "utf-8",
    textBytes: 17,
    invalidBytes: 0,
    words,
    totalWords: 3,
    distinctWords: 2,
    overlongWords: 0,
  });
  const counted = { bucket: BUCKET, key: KEY, processed: 1, skipped: 0, quarantined: 0, bytes: 17 };
  expect(logged).toEqual([{ event: "upload_worked", fields: counted }]);
});

test("an older object than the table's changes nothing there, is told so in the log, and is acknowledged", async () => {
  const { logged, results, run, store } = setUp();
  store.set(BUCKET, KEY, "alpha");
  await run();
  const newer = results.items.get(NAME);
  store.set(BUCKET, KEY, "betas", { lastModified: "2000-01-01T00:00:00.000Z" });
  expect(await run()).toMatchObject({ type: "file-processed", result: { words: [{ word: "betas", count: 1 }] } });
  expect(results.items.get(NAME)).toEqual(newer);
  const outdated = logged.filter(({ event }) => event !== "upload_worked");
  expect(outdated).toEqual([{ event: "result_outdated", fields: { bucket: BUCKET, key: KEY } }]);
});

test("what is not processed leaves no item: its reason is kept, acknowledged and logged, with what is known of the object", async () => {
  const { ledger, logged, results, run, store } = setUp();
  store.set(BUCKET, KEY, Buffer.alloc(9));
  const { etag, lastModified } = await store.head(BUCKET, KEY);
  expect(await run()).toMatchObject({ type: "file-skipped", reason: "not-text", filename: NAME });
  const known = { bucket: BUCKET, key: KEY, etag, size: 9, lastModified };
  expect(await ledger.getUploadException(NAME)).toMatchObject({ ...known, status: "skipped", reason: "not-text" });
  store.deleteObject(BUCKET, KEY);
  const detail = expect.stringContaining(`s3://${NAME}`) as string;
  expect(await run()).toMatchObject({ type: "file-quarantined", reason: "missing", detail, filename: NAME });
  const unknown = { bucket: BUCKET, key: KEY, etag: "", size: 0, lastModified: "1970-01-01T00:00:00.000Z" };
  expect(await ledger.getUploadException(NAME)).toMatchObject({ ...unknown, status: "quarantined", reason: "missing" });
  expect(logged.map(({ event, fields }) => [event, fields["reason"]])).toEqual([
    ["file_not_processed", "not-text"],
    ["upload_worked", undefined],
    ["file_not_processed", "missing"],
    ["upload_worked", undefined],
  ]);
  expect(logged[1]?.fields).toMatchObject({ processed: 0, skipped: 1, quarantined: 0, bytes: 9 });
  expect(logged[3]?.fields).toMatchObject({ processed: 0, skipped: 0, quarantined: 1, bytes: 0 });
  expect(results.items.size).toBe(0);
});

test.each<[string, Record<string, string>, WordCountOptions]>([
  ["nothing", {}, DEFAULTS],
  ["a top list", { [WORD_COUNT_METADATA.top]: "1" }, { ...DEFAULTS, top: 1 }],
  ["a length", { [WORD_COUNT_METADATA.minimumWordLength]: "1" }, { ...DEFAULTS, minimumWordLength: 1 }],
  ["what is no number", { [WORD_COUNT_METADATA.minimumWordLength]: "1", [WORD_COUNT_METADATA.top]: "many" }, DEFAULTS],
  ["an encoding", { [WORD_COUNT_METADATA.encoding]: "windows-1252" }, { ...DEFAULTS, encoding: "windows-1252" }],
  ["an encoding by another name", { [WORD_COUNT_METADATA.encoding]: "Latin-1" }, { ...DEFAULTS, encoding: "iso-8859-1" }],
  ["what is no encoding", { [WORD_COUNT_METADATA.encoding]: "gzip" }, DEFAULTS],
  ["what is out of range", { [WORD_COUNT_METADATA.top]: "-1" }, DEFAULTS],
])("an object that wishes %s is counted with those options, which its names carry", async (_, metadata, options) => {
  const { results, run, store } = setUp();
  store.set(BUCKET, KEY, "a alpha betas", { metadata });
  const { messageId } = await run();
  const item = present(results.items.get(NAME), "the item of the file");
  const { distinctWords, totalWords, words } = itemWords(item);
  expect([item.optionsHash, totalWords]).toEqual([wordCountOf(options).hash, options.minimumWordLength === 1 ? 3 : 2]);
  expect(words).toHaveLength(Math.min(options.top, distinctWords));
  const identity = { ...(await store.head(BUCKET, KEY)), bucket: BUCKET, key: KEY };
  expect(messageId).toBe(uploadMessageId(identity, wordCountOf(options).hash));
});

test("for a run that asks for them the whole counts are kept, with the file's own line first", async () => {
  const { run, store } = setUp();
  store.set(BUCKET, KEY, "alpha betas alpha", { metadata: { [OBJECT_METADATA.run]: RUN } });
  await run();
  const partial = store.bytes(STATE, uploadPartialKey(RUN, NAME));
  const lineEnd = partial.indexOf("\n");
  const line = processedLineSchema.strict().parse(JSON.parse(partial.toString("utf8", 0, lineEnd)));
  expect(line.file).toBe(0);
  expect(resultWords(line.result)).toMatchObject({ totalWords: 3, distinctWords: 2, overlongWords: 0 });
  expect(await entriesOf(directory.path, [partial.subarray(lineEnd + 1)])).toEqual([
    { word: "alpha", count: 2 },
    { word: "betas", count: 1 },
  ]);
});

test("a lease that is lost while the file is counted: nothing is kept, sent or left on disk", async () => {
  const { results, run, store } = setUp();
  store.set(BUCKET, KEY, "alpha", { metadata: { [OBJECT_METADATA.run]: RUN } });
  const stop = new AbortController();
  const get = store.get.bind(store);
  jest.spyOn(store, "get").mockImplementation(async (...place) => {
    const object = await get(...place);
    object.body.once("close", () => {
      stop.abort(new Error("the lease is lost"));
    });
    return object;
  });
  await expect(run(stop.signal)).rejects.toThrow("the lease is lost");
  expect([results.items.size, store.keys(STATE)]).toEqual([0, []]);
});

test("counts that can't be kept fail the file before its item is written, and leave no folder behind", async () => {
  const { results, run, store } = setUp();
  store.set(BUCKET, KEY, "alpha", { metadata: { [OBJECT_METADATA.run]: RUN } });
  store.denied.add(STATE);
  await expect(run()).rejects.toThrow("access denied");
  expect(results.items.size).toBe(0);
});
