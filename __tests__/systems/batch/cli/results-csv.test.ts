import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { SECTION_BEGINNING } from "../../../../workloads/word-count/counter/section-format";
import { entriesOf, sectionFrom } from "../../../support/counts-section";
import { parse } from "../../../support/csv";
import { partialKey } from "../../../../systems/batch/contracts/state-keys";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../support/generation-world";
import { referenceCount } from "../../../support/reference";
import { Harness, OUTPUTS } from "./harness";

/** Three files with more words than the top list has, in a batch that the real code counted. */
const TEXTS: Readonly<Record<string, string>> = {
  "a.txt": "alpha alpha betas “gamma” épsilon 12345 1e500",
  "b.txt": Array.from({ length: 300 }, (_, index) => `word${index} `.repeat(1 + (index % 5))).join(""),
  "c.txt": "alpha omega9 omega9 omega9",
};
const sorted = (names: readonly string[]): string[][] =>
  referenceCount(names.map((name) => TEXTS[name] ?? ""))
    .counts.toSorted((a, b) => b.count - a.count)
    .map(({ word, count }) => [word, String(count)]);

let world: GenerationWorld;
let harness: Harness;
let temporary: string;
beforeEach(async () => {
  world = new GenerationWorld();
  harness = await Harness.make();
  const { clock, ledger, results, store, workflow } = world;
  harness.parts = { clock, ledger, results, workflow, objects: store, outputs: { ...OUTPUTS, state_bucket: STATE } };
  temporary = path.join(harness.directory, "temporary");
  await mkdir(temporary);
  harness.variables = { TMPDIR: temporary };
  await harness.run("local", "up");
  for (const [name, text] of Object.entries(TEXTS)) world.store.set(SOURCE, PREFIX + name, text);
  await world.createBatch();
  await world.run(1, ({ key }) => (key.endsWith("c.txt") ? "k" : "work"));
});
afterEach(async () => {
  expect(await readdir(temporary)).toEqual([]);
  world.dispose();
  await rm(harness.directory, { recursive: true, force: true });
});

const csvOf = (text: string): string[][] => {
  const { header, records } = parse(text);
  expect(header).toEqual(["word", "count"]);
  return records.map((record) => [...record]);
};

test("--all: every word of the processed files with its count, as the reference has them; the top list is its beginning", async () => {
  const { exitCode, stdout } = await harness.run("results", "latest", "--format", "csv", "--all");
  // the batch's, which has a file in quarantine
  expect(exitCode).toBe(3);
  const all = csvOf(stdout);
  expect(all).toEqual(sorted(["a.txt", "b.txt"]));
  expect(all.length).toBeGreaterThan(300);
  const top = csvOf((await harness.run("results", BATCH_ID, "--format", "csv")).stdout);
  expect(top).toEqual(all.slice(0, 10));
});

test("of a later generation: what earlier ones counted is in it; an earlier one's is as it was", async () => {
  await world.resume(["kills-worker"]);
  await world.run(2, () => "work");
  const all = async (...options: string[]): Promise<string[][]> =>
    csvOf((await harness.run("results", "latest", "--format", "csv", "--all", ...options)).stdout);
  expect(await all()).toEqual(sorted(["a.txt", "b.txt", "c.txt"]));
  expect(await all("--generation", "1")).toEqual(sorted(["a.txt", "b.txt"]));
});

test.each([
  ["words.csv", ["--all"], Infinity],
  ["top-words.csv", [], 10],
])("--out has %s beside the results, and shows the batch", async (name, options, most) => {
  const { stdout } = await harness.run("results", "latest", "--format", "csv", ...options, "--out", "there");
  expect(stdout).toMatch(/^batch \w+ completed/);
  const folder = path.join(harness.directory, "there", BATCH_ID);
  expect((await readdir(folder)).toSorted()).toEqual(["batch.json", "receipt.json", "results.jsonl", name].toSorted());
  expect(csvOf(await readFile(path.join(folder, name), "utf8"))).toEqual(sorted(["a.txt", "b.txt"]).slice(0, most));
});

const oneAlphaLess = async (section: Buffer): Promise<Buffer> => {
  const entries = await entriesOf(temporary, [section]);
  expect(entries).toContainEqual({ word: "alpha", count: 2 });
  return sectionFrom(
    temporary,
    entries.map((entry) => (entry.word === "alpha" ? { word: "alpha", count: 1 } : entry)),
  );
};

test.each([
  ["too few", oneAlphaLess, /add up to \d+ words, \d+ distinct, but its result has \d+ and/],
  ["damaged", (section: Buffer) => section.fill(0x7f, section.indexOf("alpha"), section.indexOf("alpha") + 1), /the partial is damaged/],
  ["gone", () => undefined, /partials\/0\/1-0: no such object/],
])("counts that are %s: not one word of them is printed or written, and what to do is said", async (_name, change, message) => {
  const key = world.store.keys(STATE).find((each) => each === partialKey(refOf(1), 0, 1, 0)) ?? "";
  const partial = world.store.bytes(STATE, key);
  const lines = partial.subarray(0, partial.indexOf(SECTION_BEGINNING));
  const changed = await change(partial.subarray(lines.length));
  if (changed === undefined) world.store.deleteObject(STATE, key);
  else world.store.set(STATE, key, Buffer.concat([lines, changed]));
  const { exitCode, stdout, stderr } = await harness.run("results", "latest", "--format", "csv", "--all");
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(message);
  expect(stderr).toMatch(/\nfix: .*filemill verify/);
  expect((await harness.run("results", "latest", "--format", "csv", "--all", "--out", "there")).exitCode).toBe(1);
  expect(await readdir(harness.directory)).not.toContain("there");
});

test.each([
  ["--all as a table", ["latest", "--all"], /--all without --format csv/],
  ["CSV and JSON", ["latest", "--format", "csv", "--json"], /--format csv with --json/],
  ["CSV of a file", ["bucket/key", "--format", "csv"], /--format csv with a file/],
  ["an unknown format", ["latest", "--format", "xml"], /Allowed choices are table, csv/],
])("%s is wrong usage", async (_name, args, message) => {
  const { exitCode, stderr } = await harness.run("results", ...args);
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});
