import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "./count-harness";
import { addresses, writeManySmallFiles, writeOddFiles, writeSmallWordFreqSet, writeWordFreqSet } from "./data-sets";
import { referenceCountFile } from "./reference";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

test("D.2: 120 files named 1.txt to 120.txt, about 1 MB each, exactly 117,500,000 bytes together", async () => {
  const folder = join(directory.path, "full");
  const files = await writeWordFreqSet(folder);
  expect(files.map(({ name }) => name)).toEqual(Array.from({ length: 120 }, (_, index) => `${String(index + 1)}.txt`));
  const sizes = await Promise.all(files.map(async ({ name }) => (await stat(join(folder, name))).size));
  expect(sizes).toEqual(files.map(({ bytes }) => bytes));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(117_500_000);
  expect(Math.min(...sizes)).toBeGreaterThan(750_000);
  expect(Math.max(...sizes)).toBeLessThan(1_250_000);
});

test("D.2: the small set is prose with short words, both line ends and a Zipf-like law, and the same for the same seed", async () => {
  const [first, again, other] = ["a", "b", "c"].map((name) => join(directory.path, name));
  if (first === undefined || again === undefined || other === undefined) throw new Error("three folders are needed");
  const files = await writeSmallWordFreqSet(first);
  await writeSmallWordFreqSet(again);
  await writeSmallWordFreqSet(other, 2);
  expect(files).toHaveLength(120);
  expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(1_200_000);
  const text = await readFile(join(first, "3.txt"), "latin1");
  expect(await readFile(join(again, "3.txt"), "latin1")).toBe(text);
  expect(await readFile(join(other, "3.txt"), "latin1")).not.toBe(text);
  expect(text).toContain("\r\n");
  expect(await readFile(join(first, "4.txt"), "latin1")).not.toContain("\r");
  const counted = referenceCountFile(join(first, "3.txt"), { minimumWordLength: 1 });
  expect(counted?.words[0]?.word).toBe("the");
  expect(counted?.distinctWords).toBeGreaterThan(500);
});

test("D.3: many small files", async () => {
  const folder = join(directory.path, "many");
  await writeManySmallFiles(folder, 1_000);
  expect(await readdir(folder)).toHaveLength(1_000);
});

test("odd files are written with what is expected of them", async () => {
  const files = await writeOddFiles(join(directory.path, "odd"));
  const by = (status: string): string[] => files.filter((file) => file.status === status).map(({ name }) => name);
  expect(by("processed").length).toBeGreaterThan(20);
  for (const name of by("processed")) expect(referenceCountFile(join(directory.path, "odd", name))).toBeDefined();
  for (const name of by("skipped")) expect(referenceCountFile(join(directory.path, "odd", name))).toBeUndefined();
  expect(by("quarantined").length).toBeGreaterThan(0);
  for (const name of by("quarantined")) expect(() => referenceCountFile(join(directory.path, "odd", name))).toThrow(/header|end of file/);
});

test("the corpus has 233 texts", async () => {
  expect((await addresses()).names).toHaveLength(233);
});
