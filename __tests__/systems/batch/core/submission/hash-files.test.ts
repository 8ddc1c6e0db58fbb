import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { hashFiles } from "../../../../../systems/batch/core/submission/hash-files";
import type { SourceFile } from "../../../../../systems/batch/core/submission/submission";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "hash-files-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string, size = 0): SourceFile => ({ name, path: path.join(folder, name), size });

test("each file is told with the size and the hash of what was read, in the order given", async () => {
  const contents = Array.from({ length: 20 }, (_, index) => "x".repeat(index * 40_000));
  await Promise.all(contents.map((content, index) => writeFile(path.join(folder, String(index)), content)));
  const read: number[] = [];
  // the size that was seen before is not believed
  const { hashed, unreadable } = await hashFiles(
    contents.map((_, index) => at(String(index), 7)),
    { onRead: (bytes) => read.push(bytes) },
  );
  expect(unreadable).toEqual([]);
  expect(hashed).toEqual(
    contents.map((content, index) => ({
      ...at(String(index), content.length),
      sha256: createHash("sha256").update(content).digest("hex"),
    })),
  );
  expect(read.at(-1)).toBe(contents.join("").length);
});

test("all that can't be read are told at once, with why; the others are read", async () => {
  await writeFile(path.join(folder, "b"), "b");
  const { hashed, unreadable } = await hashFiles([at("a"), at("b"), at("c")]);
  expect(hashed.map(({ name }) => name)).toEqual(["b"]);
  expect(unreadable).toMatchObject([
    { file: at("a"), error: { code: "ENOENT" } },
    { file: at("c"), error: { code: "ENOENT" } },
  ]);
});

test("an interruption ends it with the signal's reason", async () => {
  await writeFile(path.join(folder, "a"), "a");
  const hashing = hashFiles([at("a")], { signal: AbortSignal.abort(new Error("interrupted")) });
  await expect(hashing).rejects.toThrow("interrupted");
});
