import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile as writeText } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { RunFailedError, UsageError } from "../../../../kit/cli/command-errors";
import { checkOutputFolder } from "../../../../kit/cli/output/output-folder";
import { writeFile, writeResults, type WriteFile } from "../../../../systems/batch/cli/run/results-folder";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import { snapshot } from "../../../kit/folders/support/tree";
import { type FileResult } from "../../../../systems/batch/contracts/files";
import type { BatchDocument } from "../../../../systems/batch/core/results/batch-document";
import { fileWords, NOTHING_MADE, wordCountOf, wordTotal } from "../../../support/word-count";

const BATCH_ID = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
const LINES: FileResult[] = Array.from({ length: 14 }, (_, index) => ({
  filename: `file ${index}\n.txt`,
  ...(index % 2 === 0
    ? { status: "processed" as const, result: fileWords(), outputs: [] }
    : { status: "quarantined" as const, reason: "corrupt-gzip" as const, detail: "unexpected end", ...NOTHING_MADE }),
  bytes: index,
}));
const DOCUMENT: BatchDocument = {
  batchId: BATCH_ID,
  generation: 1,
  status: "completed",
  route: "fleet",
  files: { total: 14, processed: 7, skipped: 0, quarantined: 7, unfinished: 0 },
  bytes: 91,
  workload: wordCountOf().record,
  result: wordTotal(),
  outputs: { files: 0, bytes: 0 },
  seconds: 1,
  manifestSha256: null,
  receipt: { key: "batches/b/g1/receipt.json", sha256: "2".repeat(64) },
};
const RECEIPT = '{"receiptVersion":1}\n';

async function* lines(): AsyncGenerator<FileResult> {
  for (const line of LINES) yield await Promise.resolve(line);
}

/** A disk that is full after some bytes of the files whose name matches. */
const fullDisk =
  (matching: RegExp): WriteFile =>
  async (file, content, signal) => {
    if (!matching.test(path.basename(file))) return writeFile(file, content, signal);
    await writeText(file, "half of ");
    throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  };

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
  expect(JSON.parse(await readFile(path.join(folder, "batch.json"), "utf8"))).toEqual({ schemaVersion: 2, ...DOCUMENT });
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
  const writing = writeResults(path.join(root, "out"), RUN(), { write: fullDisk(matching) });
  await expect(writing).rejects.toThrow(RunFailedError);
  await expect(writing).rejects.toThrow(/the disk is full/);
  expect(await readdir(root)).toEqual([]);
});

test.each([
  ["results.jsonl", /results\.jsonl/],
  ["receipt.json", /receipt\.json/],
  ["batch.json", /batch\.json/],
])(
  "a disk that is full while %s is written leaves an earlier complete result, and files of others, as they were",
  async (_name, matching) => {
    await writeResults(root, { document: { ...DOCUMENT, generation: 1 }, results: lines(), receipt: RECEIPT });
    await writeText(path.join(root, BATCH_ID, "notes.txt"), "mine");
    const before = await snapshot(root);
    const later = { document: { ...DOCUMENT, generation: 2 }, results: lines(), receipt: "another" };
    await expect(writeResults(root, later, { write: fullDisk(matching) })).rejects.toThrow(/the disk is full/);
    expect(await snapshot(root)).toEqual(before);
  },
);

test("results that are too few leave an earlier complete result as it was", async () => {
  await writeResults(root, RUN());
  const before = await snapshot(root);
  const document = { ...DOCUMENT, generation: 2, files: { ...DOCUMENT.files, total: 15 } };
  await expect(writeResults(root, { document, results: lines() })).rejects.toThrow(/results of 14/);
  expect(await snapshot(root)).toEqual(before);
});

test("what a killed command had begun beside an earlier result goes with the next, and links are replaced, not followed", async () => {
  const folder = path.join(root, BATCH_ID);
  await mkdir(folder);
  await writeText(path.join(root, "precious"), "precious");
  await symlink("../precious", path.join(folder, "results.jsonl"));
  const dead = { pid: spawnSync("true").pid, started: "never", space: "" };
  const begun = await OwnedFolder.create(folder, { kind: "temporary", prefix: `.filemill-${dead.pid}-`, owner: dead });
  await writeText(path.join(begun.path, "results.jsonl"), "half of ");
  await writeResults(root, RUN());
  expect((await readdir(folder)).toSorted()).toEqual(["batch.json", "receipt.json", "results.jsonl"]);
  expect(await readFile(path.join(root, "precious"), "utf8")).toBe("precious");
});

test.each([
  ["a file has the name of the batch's folder", (folder: string) => writeText(folder, "mine")],
  ["a folder has the name of a result", (folder: string) => mkdir(path.join(folder, "batch.json", "mine"), { recursive: true })],
])("%s: a clear error, and nothing is changed", async (_name, make) => {
  await make(path.join(root, BATCH_ID));
  const before = await snapshot(root);
  const writing = writeResults(root, RUN());
  await expect(writing).rejects.toThrow(RunFailedError);
  await expect(writing).rejects.toMatchObject({
    message: expect.stringContaining(path.join(root, BATCH_ID)) as string,
    fix: expect.stringContaining("--out") as string,
  });
  expect(await snapshot(root)).toEqual(before);
});

test("a folder that was there before is kept", async () => {
  await mkdir(path.join(root, "out"));
  await expect(writeResults(path.join(root, "out"), RUN(), { write: fullDisk(/./) })).rejects.toThrow(/the disk is full/);
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
    await writeText(path.join(root, "file"), "");
    await expect(checkOutputFolder(path.join(root, "file"))).rejects.toThrow(UsageError);
    await expect(checkOutputFolder(path.join(root, "file/below"))).rejects.toThrow(/is not a folder/);
  });
  test("a link to nothing, to itself, or below a file is refused by name", async () => {
    await symlink("nowhere", path.join(root, "dangling"));
    await symlink("circle", path.join(root, "circle"));
    await expect(checkOutputFolder(path.join(root, "dangling"))).rejects.toThrow(`'${root}/dangling' is a link to nothing`);
    await expect(checkOutputFolder(path.join(root, "dangling/below"))).rejects.toThrow(`'${root}/dangling' is a link to nothing`);
    await expect(checkOutputFolder(path.join(root, "circle"))).rejects.toThrow(
      `can't write results to '${root}/circle': a link that leads to itself`,
    );
  });
  test("a link to a folder is a folder", async () => {
    await mkdir(path.join(root, "there"));
    await symlink("there", path.join(root, "link"));
    await checkOutputFolder(path.join(root, "link"));
    expect(await readdir(path.join(root, "there"))).toEqual([]);
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
