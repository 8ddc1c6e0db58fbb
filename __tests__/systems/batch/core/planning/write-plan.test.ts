import type { Cut } from "../../../../../workloads/workload";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { chunkLineSchema } from "../../../../../systems/batch/contracts/batch";
import { manifestLineSchema, splitSchema, type ManifestLine, type Split } from "../../../../../systems/batch/contracts/files";
import type { RequestedEncoding } from "../../../../../workloads/text/text-encodings";
import { PlanRefusedError } from "../../../../../systems/batch/core/planning/errors";
import type { PlannedFile } from "../../../../../systems/batch/core/planning/inspect-file";
import { listedFiles } from "../../../../../systems/batch/core/planning/listed-files";
import { writePlan, type WritePlanOptions, type WrittenPlan } from "../../../../../systems/batch/core/planning/write-plan";
import { ObjectArchivedError, type ListedObject } from "../../../../../kit/ports/object-store";
import { inPages } from "../../../../../kit/lib/pages";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { COMPRESSED_SAMPLES } from "../../../../support/compressed-samples";

const BUCKET = "uploading";
/** Few, so that most plans go over several pages. */
const FILES_A_PAGE = 3;
const OPTIONS = {
  targetChunkBytes: 1_000,
  maximumFilesPerChunk: 5,
  fileOverheadBytes: 10,
  splitBytes: 600,
  maximumFiles: 1_000,
} satisfies Omit<WritePlanOptions, "directory">;

interface ReadPlan extends WrittenPlan {
  readonly manifest: ManifestLine[];
  readonly chunks: { readonly weight: number; readonly splits: Split[] }[];
  readonly texts: readonly string[];
}

function planOf(
  store: MemoryObjectStore,
  options: Omit<WritePlanOptions, "directory"> = OPTIONS,
  prefix = "",
  encoding: RequestedEncoding = "auto",
  cut: Cut = "words",
  filesAPage = FILES_A_PAGE,
): Promise<ReadPlan> {
  const inspection = { store, splitBytes: options.splitBytes, unsplittableLimitBytes: 2_999, cut, encoding, log: () => undefined };
  return readPlan(listedFiles(inspection, inPages(store.list(BUCKET, prefix), filesAPage)), options);
}

function planOfFile(file: PlannedFile): Promise<ReadPlan> {
  async function* files(): AsyncGenerator<readonly PlannedFile[]> {
    yield await Promise.resolve([file]);
  }
  return readPlan(files(), OPTIONS);
}

async function readPlan(files: AsyncIterable<readonly PlannedFile[]>, options: Omit<WritePlanOptions, "directory">): Promise<ReadPlan> {
  const directory = await mkdtemp(path.join(tmpdir(), "filemill-plan-"));
  try {
    const written = await writePlan(files, { ...options, directory });
    const [manifest, splits, chunks] = await Promise.all(
      [written.manifestPath, written.splitsPath, written.chunksPath].map((file) => readFile(file)),
    );
    return { ...written, ...read(manifest, splits, chunks, options) };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

const linesOf = (text: Buffer): unknown[] =>
  text
    .toString("utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);

function read(manifest = Buffer.of(), splits = Buffer.of(), chunkLines = Buffer.of(), options: Omit<WritePlanOptions, "directory">) {
  let offset = 0;
  const chunks = linesOf(chunkLines).map((value, index) => {
    const line = chunkLineSchema.parse(value);
    expect(line).toMatchObject({ index, offset });
    const bytes = splits.subarray(offset, offset + line.length);
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(line.sha256);
    offset += line.length;
    const own = linesOf(bytes).map((split) => splitSchema.parse(split));
    const weight = own.reduce(
      (sum, { range, size }) => sum + (range === undefined ? size : range.end - range.start) + options.fileOverheadBytes,
      0,
    );
    return { weight, splits: own };
  });
  expect(offset).toBe(splits.length);
  return {
    manifest: linesOf(manifest).map((value) => manifestLineSchema.parse(value)),
    chunks,
    texts: [manifest, splits, chunkLines].map(String),
  };
}

/** A gzip file of just so many bytes, for who doesn't unpack it. */
const gzipOf = (size: number): Buffer => Buffer.concat([gzipSync("x"), Buffer.alloc(size)]).subarray(0, size);

const classes = fc.constantFrom("STANDARD", "STANDARD_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE");
const file = fc.record({
  name: fc.string({ unit: "binary", minLength: 1, maxLength: 12 }),
  gzip: fc.boolean(),
  size: fc.integer({ min: 0, max: 3_000 }),
  start: fc.constantFrom("plain", "\u0000binary", "\uFFFEutf", "\u001fgzip"),
  storageClass: classes,
  restored: fc.boolean(),
});
const files = fc.uniqueArray(file, { maxLength: 40, selector: ({ name, gzip }) => `${name}${String(gzip)}` });

function storeOf(
  entries: readonly { name: string; gzip: boolean; size: number; start: string; storageClass: string; restored: boolean }[],
): MemoryObjectStore {
  const store = new MemoryObjectStore([BUCKET]);
  for (const { name, gzip, size, start, storageClass, restored } of entries) {
    const first = start.startsWith("\uFFFE") ? Buffer.of(0xff, 0xfe) : start.startsWith("\u001f") ? gzipSync("x") : Buffer.from(start);
    const body = Buffer.concat([first, Buffer.alloc(size, " text")]).subarray(0, size);
    store.set(BUCKET, `${name}${gzip ? ".gz" : ""}`, body, { storageClass, restored });
  }
  return store;
}

/** `covered` when the splits are the whole file, or ranges of it that start at whole code units without gap or overlap. */
function placesOf(line: ManifestLine, own: readonly Split[]): string {
  if (own.length === 0) return "left out";
  if (own.some((split) => split.key !== line.key || split.etag !== line.etag || split.size !== line.size)) return "another file's";
  let covered = 0;
  for (const [index, { range }] of own.entries()) {
    const { count, end, start, index: number } = range ?? { start: 0, end: line.size, index: 0, count: 1 };
    if (start !== covered || start % 4 !== 0 || number !== index || count !== own.length) return `wrong range ${JSON.stringify(range)}`;
    covered = end;
  }
  return covered === line.size ? "covered" : `only ${covered} of ${line.size} bytes`;
}

describe("writePlan", () => {
  test("invariant 1: every listed file is in exactly one place: left out, one whole split, or ranges that cover it without gap or overlap", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const store = storeOf(entries);
        const plan = await planOf(store);
        const listed: ListedObject[] = [];
        for await (const object of store.list(BUCKET, "")) listed.push(object);

        expect(plan.manifest.map(({ key }) => key)).toEqual(listed.map(({ key }) => key));
        expect(plan.manifest.map((line) => line.file)).toEqual(listed.map((_, index) => index));
        const splits = plan.chunks.flatMap((chunk) => chunk.splits);
        const numbers = splits.map((split) => split.file);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        const places = plan.manifest.map((line) =>
          placesOf(
            line,
            splits.filter((split) => split.file === line.file),
          ),
        );
        expect(places).toEqual(plan.manifest.map(({ leftOut }) => (leftOut === undefined ? "covered" : "left out")));
        expect(plan).toMatchObject({
          fileCount: listed.length,
          bytes: listed.reduce((sum, { size }) => sum + size, 0),
          splitCount: splits.length,
          chunkCount: plan.chunks.length,
          weightBytes: plan.chunks.reduce((sum, { weight }) => sum + weight, 0),
          largestChunkBytes: Math.max(0, ...plan.chunks.map(({ weight }) => weight)),
          carriedFileCount: 0,
          manifestSha256: sha256(plan.texts[0] ?? ""),
          planSha256: sha256(plan.texts.map(sha256).join("\n")),
        });
      }),
      { numRuns: 150 },
    );
  });

  test("a chunk stays within its weight and number of files unless it is one file; a range is alone in its chunk", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const { chunks } = await planOf(storeOf(entries));
        for (const { splits, weight } of chunks) {
          expect(splits.length).toBeGreaterThan(0);
          expect(splits.length).toBeLessThanOrEqual(OPTIONS.maximumFilesPerChunk);
          expect(weight <= OPTIONS.targetChunkBytes || splits.length === 1).toBe(true);
          expect(splits.every(({ range }) => range === undefined) || splits.length === 1).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("the same listing gives the same bytes, however many files come at a time", async () => {
    await fc.assert(
      fc.asyncProperty(files, async (entries) => {
        const store = storeOf(entries);
        const first = await planOf(store);
        for (const filesAPage of [1, FILES_A_PAGE, 1_000])
          expect((await planOf(store, OPTIONS, "", "auto", "words", filesAPage)).texts).toEqual(first.texts);
      }),
      { numRuns: 25 },
    );
  });

  test("no files give an empty plan", async () => {
    expect(await planOf(new MemoryObjectStore([BUCKET]))).toMatchObject({
      fileCount: 0,
      splitCount: 0,
      chunkCount: 0,
      bytes: 0,
      texts: ["", "", ""],
    });
  });

  test("S1.106: archived objects are left out, restored and instantly readable ones are not", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "a", "x", { storageClass: "GLACIER" });
    store.set(BUCKET, "b", "x", { storageClass: "DEEP_ARCHIVE" });
    store.set(BUCKET, "c", "x", { storageClass: "DEEP_ARCHIVE", restored: true });
    store.set(BUCKET, "d", "x", { storageClass: "GLACIER_IR" });
    const { manifest } = await planOf(store);
    expect(manifest.map(({ leftOut }) => leftOut)).toEqual(["archived", "archived", undefined, undefined]);
  });

  test("only a giant is probed, by its first 8 KiB; the rest is never read", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "giant", "x".repeat(601));
    store.set(BUCKET, "giant.gz", gzipOf(601));
    store.set(BUCKET, "limit", "x".repeat(600));
    const { chunks } = await planOf(store);
    expect(store.gets).toEqual([`${BUCKET}/giant 0-8192`, `${BUCKET}/giant.gz 0-8192`]);
    expect(chunks.map(({ splits }) => splits.map(({ encoding, key, range }) => ({ key, encoding, start: range?.start })))).toEqual([
      [{ key: "giant", encoding: "utf-8", start: 0 }],
      [{ key: "giant", encoding: "utf-8", start: 304 }],
      [{ key: "giant.gz", encoding: undefined, start: undefined }],
      [{ key: "limit", encoding: undefined, start: undefined }],
    ]);
  });

  /** What becomes of one giant. */
  const giant = async (key: string, body: Uint8Array | string, encoding: RequestedEncoding = "auto"): Promise<string> => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, key, body);
    const { chunks, manifest } = await planOf(store, OPTIONS, "", encoding);
    const splits = chunks.flatMap((chunk) => chunk.splits);
    const [first] = splits;
    if (first === undefined) return manifest[0]?.leftOut ?? "nothing";
    return first.range === undefined ? "whole" : `${String(splits.length)} ranges, ${first.encoding ?? "no encoding"}`;
  };

  test.each(["a.gz", "a.GZ", "a.tgz", "a.gz.1", "a.txt", "a"])(
    "gzip is never split, whatever its name (%s), and too-large above what a slot works through; one byte less is not",
    async (key) => {
      expect(await giant(key, gzipOf(601))).toBe("whole");
      expect(await giant(key, gzipOf(2_999))).toBe("whole");
      expect(await giant(key, gzipOf(3_000))).toBe("too-large");
    },
  );

  test("what is named .gz and is none is left out as the damaged gzip that it is", async () => {
    for (const key of ["a.gz", "a.GZ"]) {
      expect(await giant(key, "x".repeat(3_000))).toBe("corrupt-gzip");
      expect(await giant(key, "x".repeat(601))).toBe("corrupt-gzip");
    }
  });

  test.each(COMPRESSED_SAMPLES)("$format is left out as compressed", async ({ bytes, extension }) => {
    expect(await giant(`a.${extension}`, Buffer.concat([bytes, Buffer.alloc(601, "x")]))).toBe("compressed");
  });

  test.each<[RequestedEncoding, number, string]>([
    ["auto", 3_000, "5 ranges, utf-8"],
    ["utf-8", 3_000, "5 ranges, utf-8"],
    ["windows-1252", 3_000, "5 ranges, windows-1252"],
    ["utf-32le", 3_000, "5 ranges, utf-32le"],
    ["euc-jp", 3_000, "5 ranges, euc-jp"],
    ["shift_jis", 2_999, "whole"],
    ["shift_jis", 3_000, "too-large"],
    ["gb18030", 601, "whole"],
    ["gb18030", 600, "whole"],
  ])("a text that is to be read in %s, of %d bytes: %s", async (encoding, size, expected) => {
    expect(await giant("a.txt", "x".repeat(size), encoding)).toBe(expected);
  });

  test.each<[string, Uint8Array, string]>([
    ["UTF-16", Buffer.from([0xff, 0xfe, 0x61, 0]), "2 ranges, utf-16le"],
    ["UTF-32", Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61]), "2 ranges, utf-32be"],
  ])("%s is split by its byte order mark", async (_, start, expected) => {
    expect(await giant("a.txt", Buffer.concat([start, Buffer.alloc(700, 0x20)]))).toBe(expected);
  });

  test("below both limits nothing is read; between them only what can't be split is too large", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "a", "x".repeat(500));
    store.set(BUCKET, "b", gzipOf(500));
    store.set(BUCKET, "c", gzipOf(400));
    store.set(BUCKET, "d", "x".repeat(600));
    const inspection = {
      store,
      splitBytes: 600,
      unsplittableLimitBytes: 400,
      cut: "words",
      encoding: "auto",
      log: () => undefined,
    } as const;
    const { chunks, manifest } = await readPlan(listedFiles(inspection, inPages(store.list(BUCKET, ""), FILES_A_PAGE)), OPTIONS);
    expect(manifest.map(({ leftOut }) => leftOut)).toEqual([undefined, "too-large", undefined, undefined]);
    expect(chunks.flatMap(({ splits }) => splits.map(({ key, range }) => [key, range]))).toEqual([
      ["a", undefined],
      ["c", undefined],
      ["d", undefined],
    ]);
    expect(store.gets).toEqual([`${BUCKET}/a 0-8192`, `${BUCKET}/b 0-8192`, `${BUCKET}/d 0-8192`]);
  });

  test("where a workload lets no file be cut nothing is read, and what is above the limit is too large", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "a", "x".repeat(2_999));
    store.set(BUCKET, "b", "x".repeat(3_000));
    store.set(BUCKET, "c", Buffer.alloc(601));
    const { chunks, manifest } = await planOf(store, OPTIONS, "", "auto", "never");
    expect(manifest.map(({ leftOut }) => leftOut)).toEqual([undefined, "too-large", undefined]);
    expect(chunks.flatMap(({ splits }) => splits.map(({ key, range }) => [key, range]))).toEqual([
      ["a", undefined],
      ["c", undefined],
    ]);
    expect(store.gets).toEqual([]);
  });

  test("a giant that is no text is left out as not-text", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "giant", Buffer.alloc(601));
    expect((await planOf(store)).manifest).toEqual([expect.objectContaining({ key: "giant", leftOut: "not-text" })]);
  });

  test("invariant 7: a giant that can't be probed stays whole, for a worker to settle", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "giant", "x".repeat(601));
    store.denied.add(`${BUCKET}/giant`);
    const { chunks } = await planOf(store);
    expect(chunks.flatMap(({ splits }) => splits)).toEqual([expect.not.objectContaining({ range: expect.anything() as unknown })]);
  });

  test("a giant that is archived where no listing says so is left out; an error that is not the file's own fails the plan", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "giant", "x".repeat(601));
    const get = jest.spyOn(store, "get");
    get.mockRejectedValueOnce(new ObjectArchivedError(BUCKET, "giant"));
    expect((await planOf(store)).manifest).toEqual([expect.objectContaining({ key: "giant", leftOut: "archived" })]);
    get.mockRejectedValueOnce(new Error("connection reset"));
    await expect(planOf(store)).rejects.toThrow("connection reset");
  });

  test("a file whose version is known is frozen with it, another without", async () => {
    const identity = { bucket: BUCKET, key: "a", etag: "e", size: 1, lastModified: "2026-01-01T00:00:00.000Z" };
    const { manifest } = await planOfFile({ identity: { ...identity, versionId: "v1" }, fate: { kind: "whole" } });
    expect(manifest).toEqual([{ file: 0, ...identity, versionId: "v1" }]);
    expect((await planOfFile({ identity, fate: { kind: "whole" } })).manifest).toEqual([{ file: 0, ...identity }]);
  });

  test("a chunk takes files up to its target weight, not one byte more; the largest split is told with its overhead", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    for (const [key, size] of [
      ["a", 590],
      ["b", 390],
      ["c", 590],
      ["d", 391],
    ] as const)
      store.set(BUCKET, key, "x".repeat(size));
    const { chunks, largestSplitBytes } = await planOf(store);
    expect(chunks.map(({ splits }) => splits.map(({ key }) => key))).toEqual([["a", "b"], ["c"], ["d"]]);
    expect(largestSplitBytes).toBe(600);
  });

  test("a key with line separators is one line", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    store.set(BUCKET, "a\u2028b\u2029c\nd\re", "x");
    const plan = await planOf(store);
    expect(plan.manifest.map(({ key }) => key)).toEqual(["a\u2028b\u2029c\nd\re"]);
    expect(plan.texts[0]).not.toMatch(/[\u2028\u2029\r]/);
  });

  test("more files than a plan takes are refused, with the limit and the way out", async () => {
    const store = new MemoryObjectStore([BUCKET]);
    for (let index = 0; index < 4; index += 1) store.set(BUCKET, `file-${index}`, "x");
    await expect(planOf(store, { ...OPTIONS, maximumFiles: 3 })).rejects.toThrow(PlanRefusedError);
    await expect(planOf(store, { ...OPTIONS, maximumFiles: 3 })).rejects.toThrow(/at most 3 files.*longer prefixes/);
    expect((await planOf(store, { ...OPTIONS, maximumFiles: 4 })).fileCount).toBe(4);
  });
});
