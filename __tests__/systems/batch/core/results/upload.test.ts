import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Readable } from "node:stream";
import { uploadPartialKey, uploadRunPrefix } from "../../../../../systems/batch/contracts/state-keys";
import type { FileResult } from "../../../../../systems/batch/contracts/files";
import { RowLedger } from "../../../../../systems/batch/core/ledger/row-ledger";
import { collectUpload } from "../../../../../systems/batch/core/results/collect-upload";
import { watchAcknowledged } from "../../../../../systems/batch/core/results/watch-acknowledged";
import { watchUpload } from "../../../../../systems/batch/core/results/watch-upload";
import { noteAcknowledged } from "../../../../../systems/batch/core/upload-work/note-acknowledged";
import { MemoryRowStore } from "../../../../../kit/simulator/memory/memory-row-store";
import { FakeClock } from "../../../../support/fakes/clock";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { MemoryResultStore } from "../../../../../systems/batch/simulation/world/memory-result-store";
import { fileWords, NOTHING_MADE, wordCountOf, wordItem } from "../../../../support/word-count";

const RUN_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const keyOf = (name: string): string => uploadRunPrefix(RUN_ID) + name;
const filenameOf = (name: string): string => `processing/${keyOf(name)}`;

const COUNTS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "a.txt": { alpha: 3, beta: 1 },
  "b.txt": { beta: 3, gamma: 2 },
  "empty.txt": {},
};

let directory: string;
let objects: MemoryObjectStore;
let results: MemoryResultStore;
let ledger: RowLedger;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "upload-"));
  objects = new MemoryObjectStore(["state"]);
  results = new MemoryResultStore();
  ledger = new RowLedger(new MemoryRowStore(), new FakeClock());
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

/** Leaves what a worker leaves of a file, with only the most frequent word in the table. */
async function settle(name: string): Promise<void> {
  const counts = Object.entries(COUNTS[name] ?? {}).map(([word, count]) => ({ word, count }));
  const totalWords = counts.reduce((sum, { count }) => sum + count, 0);
  const facts = { textBytes: 10, invalidBytes: name === "a.txt" ? 1 : 0, overlongWords: 1 };
  const result = fileWords({ ...facts, totalWords, distinctWords: counts.length, words: counts.slice(0, 1) });
  const lines = [{ file: 0, result }, ...counts.map(({ word, count }) => [word, count])];
  const partial = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  objects.set("state", uploadPartialKey(RUN_ID, filenameOf(name)), partial);
  const identity = { bucket: "processing", key: keyOf(name), etag: "e", size: 10, lastModified: "2026-01-01T00:00:00.000Z" };
  await results.put([wordItem(identity, result)]);
}

const exceptionOf = (name: string) =>
  ({
    bucket: "processing",
    key: keyOf(name),
    etag: "e",
    size: 7,
    lastModified: "2026-01-01T00:00:00.000Z",
    status: "skipped",
    reason: "not-text",
  }) as const;

test("waits until every file has an item or an exception", async () => {
  const clock = new FakeClock();
  const names = [...Object.keys(COUNTS), "picture.png"];
  const steps: (() => Promise<unknown>)[] = [
    () => settle("b.txt"),
    () => ledger.putUploadException(exceptionOf("picture.png")),
    () => settle("a.txt"),
    () => settle("empty.txt"),
  ];
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (milliseconds, signal) => {
    await steps.shift()?.();
    await sleep(milliseconds, signal);
  };
  const told: number[] = [];
  const settled = await watchUpload({ results, ledger, clock }, names.map(filenameOf), {
    onProgress: (progress) => told.push(progress.settled),
  });
  expect([...settled.keys()].toSorted()).toEqual(names.map(filenameOf).toSorted());
  expect(told.at(0)).toBe(0);
  expect(told.at(-1)).toBe(4);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
});

test("sums are exact over all words, although the table has the most frequent only", async () => {
  const names = [...Object.keys(COUNTS), "picture.png"];
  for (const name of Object.keys(COUNTS)) await settle(name);
  await ledger.putUploadException(exceptionOf("picture.png"));
  const settled = await watchUpload({ results, ledger, clock: new FakeClock() }, names.map(filenameOf));
  const collected = await collectUpload(
    { objects, directory, memoryBytes: 1_048_576 },
    {
      runId: RUN_ID,
      stateBucket: "state",
      route: "fleet",
      files: names.map((name) => ({ name, filename: filenameOf(name) })),
      settled,
      workload: wordCountOf({ top: 2 }),
    },
  );
  expect(collected.result).toEqual({
    batchId: RUN_ID,
    generation: 1,
    status: "completed",
    route: "fleet",
    files: { total: 4, processed: 3, skipped: 1, quarantined: 0, unfinished: 0 },
    bytes: 37,
    workload: wordCountOf({ top: 2 }).record,
    result: {
      invalidBytes: 1,
      doubtfulFiles: 1,
      totalWords: 9,
      distinctWords: 3,
      overlongWords: 3,
      words: [
        { word: "beta", count: 4 },
        { word: "alpha", count: 3 },
      ],
    },
    outputs: { files: 0, bytes: 0 },
    manifestSha256: null,
    receipt: null,
  });
  expect(await readdir(directory)).toEqual([]);
  const lines: FileResult[] = [];
  for await (const line of collected.results) lines.push(line);
  expect(lines.map(({ filename }) => filename)).toEqual(names);
  expect(lines[0]).toEqual({
    filename: "a.txt",
    status: "processed",
    bytes: 10,
    result: {
      encoding: "utf-8",
      textBytes: 10,
      invalidBytes: 1,
      totalWords: 4,
      distinctWords: 2,
      overlongWords: 1,
      words: [{ word: "alpha", count: 3 }],
    },
    outputs: [],
  });
  expect(lines.at(-1)).toEqual({
    filename: "picture.png",
    status: "skipped",
    reason: "not-text",
    bytes: 7,
    ...NOTHING_MADE,
  });
});

test.each([1, 2, 7, 30])("sums are the same however a partial arrives, %d bytes at a time", async (pieceBytes) => {
  const names = ["a.txt", "b.txt"];
  for (const name of names) await settle(name);
  const settled = await watchUpload({ results, ledger, clock: new FakeClock() }, names.map(filenameOf));
  const get = objects.get.bind(objects);
  jest.spyOn(objects, "get").mockImplementation(async (...call) => {
    const { body, ...head } = await get(...call);
    return { ...head, body: Readable.from(piecesOf(body, pieceBytes), { objectMode: false }) };
  });
  const { result } = await collectUpload(
    { objects, directory, memoryBytes: 1_048_576 },
    {
      runId: RUN_ID,
      stateBucket: "state",
      route: "fleet",
      files: names.map((name) => ({ name, filename: filenameOf(name) })),
      settled,
      workload: wordCountOf({ top: 3 }),
    },
  );
  expect(result.result).toMatchObject({
    totalWords: 9,
    distinctWords: 3,
    words: [
      { word: "beta", count: 4 },
      { word: "alpha", count: 3 },
      { word: "gamma", count: 2 },
    ],
  });
});

async function* piecesOf(body: Readable, pieceBytes: number): AsyncGenerator<Buffer> {
  for await (const bytes of body as AsyncIterable<Buffer>)
    for (let start = 0; start < bytes.length; start += pieceBytes) yield bytes.subarray(start, start + pieceBytes);
}

test("files that could not be processed are counted by their state; one that is not settled is an error", async () => {
  const names = ["bad.gz", "picture.png"];
  await ledger.putUploadException(exceptionOf("picture.png"));
  await ledger.putUploadException({ ...exceptionOf("bad.gz"), status: "quarantined", reason: "corrupt-gzip" });
  const settled = await watchUpload({ results, ledger, clock: new FakeClock() }, names.map(filenameOf));
  const collect = (of: readonly string[]): ReturnType<typeof collectUpload> =>
    collectUpload(
      { objects, directory, memoryBytes: 1_048_576 },
      {
        runId: RUN_ID,
        stateBucket: "state",
        route: "fleet",
        files: of.map((name) => ({ name, filename: filenameOf(name) })),
        settled,
        workload: wordCountOf({ top: 3 }),
      },
    );
  const { result } = await collect(names);
  expect(result.files).toEqual({ total: 2, processed: 0, skipped: 1, quarantined: 1, unfinished: 0 });
  await expect(collect([...names, "other.txt"])).rejects.toThrow("is not settled");
});

test("exceptions cost a read a file, so they are looked up each two seconds and only while no item comes", async () => {
  const clock = new FakeClock();
  const startedAt = clock.now();
  const looks: number[] = [];
  const getUploadException = ledger.getUploadException.bind(ledger);
  ledger.getUploadException = (filename) => {
    looks.push(clock.now() - startedAt);
    return getUploadException(filename);
  };
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (milliseconds, signal) => {
    // an item comes just when the first look would be due
    if (clock.now() - startedAt === 1_500) await settle("a.txt");
    if (clock.now() - startedAt === 7_000) await ledger.putUploadException(exceptionOf("picture.png"));
    await sleep(milliseconds, signal);
  };
  await watchUpload({ results, ledger, clock }, ["a.txt", "picture.png"].map(filenameOf));
  expect(looks).toEqual([2_500, 4_500, 6_500, 8_500]);
});

describe("S1.90: the end of a run", () => {
  const acknowledge = (name: string): Promise<void> =>
    noteAcknowledged({ store: objects, stateBucket: "state" }, [{ bucket: "processing", key: keyOf(name), messageId: "m" }]);
  const names = ["a.txt", "picture.png"];

  test("comes with the last acknowledgement, not with the last item", async () => {
    const clock = new FakeClock();
    const startedAt = clock.monotonic();
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (milliseconds, signal) => {
      if (clock.monotonic() - startedAt === 1_000) await acknowledge("a.txt");
      if (clock.monotonic() - startedAt === 3_000) await acknowledge("picture.png");
      await sleep(milliseconds, signal);
    };
    await acknowledge("of another name");
    expect(await watchAcknowledged({ objects, stateBucket: "state", clock }, RUN_ID, names.map(filenameOf))).toBe(0);
    expect(clock.monotonic() - startedAt).toBe(3_500);
  });

  test("is not waited for without end: what was not seen is said", async () => {
    const clock = new FakeClock();
    await acknowledge("a.txt");
    expect(await watchAcknowledged({ objects, stateBucket: "state", clock }, RUN_ID, names.map(filenameOf))).toBe(1);
  });

  test("an interruption ends the waiting", async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    const watching = watchAcknowledged({ objects, stateBucket: "state", clock: new FakeClock() }, RUN_ID, names.map(filenameOf), signal);
    await expect(watching).rejects.toThrow("interrupted");
  });
});
