import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { RunFailedError, UsageError } from "../../cli/errors";
import { realFiles } from "../../cli/output/atomic-file";
import type { FileOperations } from "../../cli/output/atomic-file";
import { checkOutputFolder, writeResults } from "../../cli/output/results-folder";
import { NO_WORDS, type FileResult } from "../../core/contracts/files";
import type { BatchDocument } from "../../core/results/batch-document";

const BATCH_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const LINES: FileResult[] = Array.from({ length: 14 }, (_, index) => ({
  filename: `file ${index}\n.txt`,
  ...(index % 2 === 0 ? { status: "processed" as const } : { status: "quarantined" as const, reason: "corrupt-gzip" as const }),
  bytes: index,
  ...NO_WORDS,
}));
const DOCUMENT: BatchDocument = {
  batchId: BATCH_ID,
  generation: 1,
  status: "completed",
  route: "fleet",
  files: { total: 14, processed: 7, skipped: 0, quarantined: 7, unfinished: 0 },
  bytes: 91,
  invalidBytes: 0,
  doubtfulFiles: 0,
  totalWords: 0,
  distinctWords: 0,
  overlongWords: 0,
  words: [],
  seconds: 1,
  manifestSha256: null,
  receipt: { key: "batches/b/g1/receipt.json", sha256: "2".repeat(64) },
};
const RECEIPT = '{"receiptVersion":1}\n';

async function* lines(): AsyncGenerator<FileResult> {
  for (const line of LINES) yield await Promise.resolve(line);
}

/** A disk that is full after some bytes of the files whose name matches. */
const fullDisk = (matching: RegExp): FileOperations => ({
  ...realFiles,
  open: (file) =>
    matching.test(file)
      ? new Writable({
          write: (_chunk, _encoding, done) => {
            done(Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" }));
          },
        })
      : realFiles.open(file),
});

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "output-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const RUN = () => ({ document: DOCUMENT, results: lines(), receipt: RECEIPT });

test("writes its files whole, the receipt byte for byte, and nothing else", async () => {
  const out = path.join(root, "deep/out");
  const { folder, exceptions } = await writeResults(out, { document: DOCUMENT, results: lines(), receipt: RECEIPT });
  expect(folder).toBe(path.join(out, BATCH_ID));
  expect((await readdir(folder)).toSorted()).toEqual(["batch.json", "receipt.json", "results.jsonl"]);
  expect(await readFile(path.join(folder, "receipt.json"), "utf8")).toBe(RECEIPT);
  const written = (await readFile(path.join(folder, "results.jsonl"), "utf8")).trimEnd().split("\n");
  expect(written.map((line) => JSON.parse(line) as unknown)).toEqual(LINES);
  expect(JSON.parse(await readFile(path.join(folder, "batch.json"), "utf8"))).toEqual(DOCUMENT);
  expect(exceptions).toEqual(LINES.filter(({ status }) => status !== "processed"));
});

test("a run of the upload path has no receipt", async () => {
  const { folder } = await writeResults(root, { document: { ...DOCUMENT, receipt: null }, results: lines() });
  expect((await readdir(folder)).toSorted()).toEqual(["batch.json", "results.jsonl"]);
});

test("writing again replaces what is there", async () => {
  await writeResults(root, { document: DOCUMENT, results: lines() });
  await writeResults(root, { document: { ...DOCUMENT, seconds: 2 }, results: lines() });
  expect(JSON.parse(await readFile(path.join(root, BATCH_ID, "batch.json"), "utf8"))).toHaveProperty("seconds", 2);
});

test.each([
  ["results.jsonl", /results\.jsonl/],
  ["receipt.json", /receipt\.json/],
  ["batch.json", /batch\.json/],
])("a disk that is full while %s is written: a clear error, and nothing is left", async (_name, matching) => {
  const writing = writeResults(path.join(root, "out"), RUN(), { files: fullDisk(matching) });
  await expect(writing).rejects.toThrow(RunFailedError);
  await expect(writing).rejects.toThrow(/the disk is full/);
  expect(await readdir(root)).toEqual([]);
});

test("a folder that was there before is kept", async () => {
  await mkdir(path.join(root, "out"));
  await expect(writeResults(path.join(root, "out"), RUN(), { files: fullDisk(/./) })).rejects.toThrow(/the disk is full/);
  expect(await readdir(root)).toEqual(["out"]);
  expect(await readdir(path.join(root, "out"))).toEqual([]);
});

test("an interruption leaves nothing", async () => {
  const reason = new Error("interrupted");
  await expect(writeResults(root, RUN(), { signal: AbortSignal.abort(reason) })).rejects.toThrow();
  expect(await readdir(root)).toEqual([]);
});

test("results of fewer files than the batch has are refused", async () => {
  const document = { ...DOCUMENT, files: { ...DOCUMENT.files, total: 15 } };
  await expect(writeResults(root, { document, results: lines() })).rejects.toThrow(/has 15 files, but results of 14/);
  expect(await readdir(root)).toEqual([]);
});

describe("the output folder is tried before anything is started", () => {
  test("a folder that doesn't exist yet is not made", async () => {
    await checkOutputFolder(path.join(root, "not/yet"));
    expect(await readdir(root)).toEqual([]);
  });
  test("a file in its place is refused", async () => {
    await writeFile(path.join(root, "file"), "");
    await expect(checkOutputFolder(path.join(root, "file"))).rejects.toThrow(UsageError);
    await expect(checkOutputFolder(path.join(root, "file/below"))).rejects.toThrow(/is not a folder/);
  });
  test("a folder that can't be written is refused", async () => {
    // root may write anywhere but into the kernel's own files
    const folder = process.getuid?.() === 0 ? "/proc/filemill-out" : path.join(root, "locked");
    if (process.getuid?.() !== 0) {
      await mkdir(folder);
      await chmod(folder, 0o500);
    }
    await expect(checkOutputFolder(folder)).rejects.toThrow(UsageError);
  });
});
