import { appendFile, mkdtemp, rm, truncate, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { putSourceFile } from "../../../../../systems/batch/core/submission/put-source-file";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";

let folder: string;
let file: string;
const objects = new MemoryObjectStore(["b"]);
const put = (): Promise<void> => putSourceFile(objects, { bucket: "b", key: "k" }, { file: { name: "a.txt", path: file, size: 5 } });

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "source-"));
  file = path.join(folder, "a.txt");
  await writeFile(file, "words");
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("a file that is as it was found is put", async () => {
  await put();
  expect(objects.text("b", "k")).toBe("words");
});

test.each([
  ["is gone", () => unlink(file), /a\.txt' could not be uploaded: no such file or folder \(ENOENT\)$/],
  ["is emptied", () => truncate(file, 0), /a\.txt' was changed while it was submitted: it had 5 bytes and has 0 now$/],
  ["grew", () => appendFile(file, " more"), /it had 5 bytes and has more now$/],
])("a file that %s is named, with the way out", async (_name, change, message) => {
  await change();
  const error = await put().catch((caught: unknown) => caught);
  expect(error).toMatchObject({ name: expect.stringMatching(/^(SourceFileError|LocalFileChangedError)$/) as string });
  expect(error).toMatchObject({ message: expect.stringMatching(message) as string, fix: expect.stringMatching(/submit/) as string });
});

test.each([
  ["the network", { code: "ECONNRESET", syscall: "read" }],
  ["the network", { code: "ECONNREFUSED", syscall: "connect" }],
  ["S3", { name: "SlowDown" }],
])("what %s refuses is no fault of the file: %j", async (_who, fields) => {
  const failing = Object.assign(new Error("x"), fields);
  const store = Object.assign(Object.create(objects) as MemoryObjectStore, { putFile: () => Promise.reject(failing) });
  await expect(putSourceFile(store, { bucket: "b", key: "k" }, { file: { name: "a.txt", path: file, size: 5 } })).rejects.toBe(failing);
});
