import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { makeReporter } from "../../../../../kit/cli/render/reporter";
import { StreamOutput } from "../../../../../kit/cli/terminal/output";
import { Writable } from "node:stream";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { fetchOutputs } from "../../../../../systems/batch/cli/run/fetch-outputs";
import type { FileOutput, FileResult } from "../../../../../systems/batch/contracts/files";
import { resultsKey } from "../../../../../systems/batch/contracts/state-keys";
import { OUTPUTS } from "../harness";

const REF = { batchId: "01JD3Z0T2V5Y8W4KQ6R7M9N1PX", generation: 1 };

let directory: string;
let folder: string;
let objects: MemoryObjectStore;
let results: FileResult[];
let said: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "filemill-outputs-"));
  folder = path.join(directory, "made");
  objects = new MemoryObjectStore(["state"]);
  results = [];
  said = "";
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A processed file with outputs of that content by name. */
function made(filename: string, contents: Readonly<Record<string, string>>): void {
  const outputs = Object.entries(contents).map(([name, content]): FileOutput => {
    const key = `outputs/${String(results.length)}/${name}`;
    objects.set("state", key, content);
    return { name, key, bytes: Buffer.byteLength(content), sha256: createHash("sha256").update(content).digest("hex") };
  });
  results.push({ filename, status: "processed", bytes: 1, result: null, outputs });
}

async function fetched(): Promise<void> {
  objects.set("state", resultsKey(REF), results.map((result) => `${JSON.stringify(result)}\n`).join(""));
  const outputs = results.flatMap((result) => result.outputs);
  const sink = (): StreamOutput =>
    new StreamOutput(
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          said += chunk.toString();
          done();
        },
      }),
    );
  const { signal } = new AbortController();
  const reporter = makeReporter({ stdout: sink(), stderr: sink(), screen: undefined }, signal);
  const document = { ...REF, outputs: { files: outputs.length, bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0) } };
  try {
    await fetchOutputs({ reporter, signal }, { objects, outputs: OUTPUTS }, document, folder);
  } finally {
    reporter.finish();
  }
}

/** Every file below the folder with its content. */
async function there(): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => !entry.isDirectory()).map((entry) => path.join(entry.parentPath, entry.name));
  const contents = await Promise.all(files.map(async (file) => [path.relative(folder, file), await readFile(file, "utf8")] as const));
  return Object.fromEntries(contents.sort(([one], [other]) => (one < other ? -1 : 1)));
}

test("every output comes to FILE/OUTPUT, and nothing else is left there", async () => {
  made("a.txt", { "page.html": "<p>a</p>", "pictures/1.png": "one", "pictures/2.png": "two" });
  made("b/c.txt", { "page.html": "<p>c</p>" });
  made("none.txt", {});
  await fetched();
  expect(await there()).toEqual({
    "a.txt/page.html": "<p>a</p>",
    "a.txt/pictures/1.png": "one",
    "a.txt/pictures/2.png": "two",
    "b/c.txt/page.html": "<p>c</p>",
  });
});

test("outputs of one content are as many files", async () => {
  const names = Array.from({ length: 20 }, (_, index) => `empty-${String(index).padStart(2, "0")}`);
  made("a.txt", Object.fromEntries(names.map((name) => [name, ""])));
  await fetched();
  expect(Object.keys(await there())).toEqual(names.map((name) => `a.txt/${name}`));
});

test("what is there already with the same content stays as it is, and what is missing is fetched", async () => {
  made("a.txt", { first: "one", second: "two" });
  await fetched();
  await rm(path.join(folder, "a.txt", "second"));
  const before = await stat(path.join(folder, "a.txt", "first"));
  objects.gets.length = 0;
  await fetched();
  expect(objects.gets.filter((key) => key.startsWith("state/outputs/"))).toEqual(["state/outputs/0/second"]);
  expect((await stat(path.join(folder, "a.txt", "first"))).ino).toBe(before.ino);
  expect(await there()).toEqual({ "a.txt/first": "one", "a.txt/second": "two" });
});

test.each<[string, (place: string) => Promise<unknown>]>([
  ["a file with other content", (place) => writeFile(place, "mine")],
  ["a folder", (place) => mkdir(place)],
  ["a link", (place) => symlink("elsewhere", place)],
])("%s in an output's place is never written over", async (_, take) => {
  made("a.txt", { page: "theirs" });
  const place = path.join(folder, "a.txt", "page");
  await mkdir(path.dirname(place), { recursive: true });
  await take(place);
  await expect(fetched()).rejects.toMatchObject({
    name: "RunFailedError",
    message: `'${place}' is there already and has other content`,
    fix: expect.stringContaining("--outputs") as string,
  });
  await rm(path.join(directory, "elsewhere"), { force: true });
  expect(await readdir(folder)).toEqual(["a.txt"]);
  expect(await readdir(path.dirname(place))).toEqual(["page"]);
});

test("content that is not what the batch's result names is not kept", async () => {
  made("a.txt", { page: "what was made" });
  objects.set("state", "outputs/0/page", "what somebody put there");
  await expect(fetched()).rejects.toMatchObject({
    name: "RunFailedError",
    message: expect.stringMatching(
      /^s3:\/\/state\/outputs\/0\/page has SHA-256 [0-9a-f]{64}, but the batch's result says [0-9a-f]{64}$/,
    ) as string,
  });
  expect(await there()).toEqual({});
});

test.each([
  ["../a.txt", "page"],
  ["a.txt", "../../page"],
  ["a//b.txt", "page"],
  ["a.txt", "./page"],
  ["/etc/a.txt", "page"],
])("output '%s' of '%s' has no place below the folder", async (filename, name) => {
  made(filename, { [name]: "content" });
  await expect(fetched()).rejects.toMatchObject({
    name: "RunFailedError",
    message: expect.stringContaining("has no place below a folder") as string,
  });
  expect(await readdir(directory)).toEqual(["made"]);
  expect(await there()).toEqual({});
});

test("a batch without outputs makes no folder", async () => {
  made("a.txt", {});
  await fetched();
  expect(said).toContain("there are no outputs");
  expect(await readdir(directory)).toEqual([]);
});
