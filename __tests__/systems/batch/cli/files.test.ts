import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { parse } from "../../../support/csv";
import { FILE_KINDS } from "../../../../systems/batch/core/results/list-files";
import { resultsKey } from "../../../../systems/batch/contracts/state-keys";
import { resultWords } from "../../../support/word-count";
import { Harness } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";
/** By what the harness makes of them; sorted as S3 sorts. */
const FILES = {
  '"quoted", and so on': "processed",
  "+1.bad": "quarantined",
  "=cmd|' calc'!A0": "processed",
  "@SUM(1).png": "skipped",
  "a.txt": "processed",
  "broken.bad": "quarantined",
  "lines\r\nand\nmore": "processed",
  "old.latin1": "doubtful",
  "picture.png": "skipped",
} as const;
const NAMES = Object.keys(FILES).toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

let harness: Harness;
let batchId: string;
beforeEach(async () => {
  harness = await Harness.make();
  const texts = path.join(harness.directory, "texts");
  await mkdir(texts);
  for (const name of NAMES) await writeFile(path.join(texts, name), "words");
  await harness.run("local", "up");
  ({ batchId } = JSON.parse((await harness.run("submit", "texts", "--json")).stdout) as { batchId: string });
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

interface Document {
  readonly more: boolean;
  readonly files: readonly Record<string, unknown>[];
}
const listed = async (...options: string[]): Promise<Document> => {
  const { exitCode, stdout } = await harness.run("files", "latest", ...options, "--json");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout) as Document;
};
const namesOf = ({ files }: Document): unknown[] => files.map(({ filename }) => filename);

test("every file is there once, sorted by name, with its line of results.jsonl but for the words", async () => {
  const { files, ...rest } = await listed();
  expect(rest).toEqual({ schemaVersion: 2, batchId, generation: 1, more: false });
  const lines = harness.objects
    .text("state", resultsKey({ batchId, generation: 1 }))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines.map(({ filename }) => filename)).toEqual(NAMES);
  expect(files).toEqual(
    lines.map(({ result, ...line }) => ({
      ...line,
      result: line["status"] === "processed" ? { ...resultWords(result), words: undefined } : null,
      doubtful: line["filename"] === "old.latin1",
    })),
  );
});

test("each kind has its files, together they are all; doubtful ones are processed, too", async () => {
  const found = new Map<string, unknown[]>();
  for (const kind of FILE_KINDS) found.set(kind, namesOf(await listed("--status", kind)));
  for (const [kind, names] of found) {
    const kinds = kind === "processed" ? ["processed", "doubtful"] : [kind];
    expect({ kind, names }).toEqual({ kind, names: NAMES.filter((name) => kinds.includes(FILES[name as keyof typeof FILES])) });
  }
  expect(namesOf(await listed("--status", "skipped,quarantined", "--status", "doubtful"))).toEqual(
    NAMES.filter((name) => FILES[name as keyof typeof FILES] !== "processed"),
  );
});

test("by reason, alone and with a status", async () => {
  const skipped = ["@SUM(1).png", "picture.png"];
  expect(namesOf(await listed("--reason", "not-text"))).toEqual(skipped);
  expect(namesOf(await listed("--reason", "not-text,corrupt-gzip"))).toEqual(["+1.bad", "@SUM(1).png", "broken.bad", "picture.png"]);
  expect(namesOf(await listed("--reason", "not-text,corrupt-gzip", "--status", "skipped"))).toEqual(skipped);
  expect(namesOf(await listed("--reason", "cancelled"))).toEqual([]);
});

test.each([1, 2, NAMES.length - 1, NAMES.length, NAMES.length + 1])("--limit %i: the first, and whether there are more", async (limit) => {
  const document = await listed("--limit", String(limit));
  expect(namesOf(document)).toEqual(NAMES.slice(0, limit));
  expect(document.more).toBe(limit < NAMES.length);
  const { stderr } = await harness.run("files", "latest", "--limit", String(limit));
  expect(stderr.includes("and there are more files")).toBe(limit < NAMES.length);
});

test("CSV has the fields of the document, whatever names hold; no field is a formula", async () => {
  const { exitCode, stdout } = await harness.run("files", "latest", "--format", "csv");
  expect(exitCode).toBe(0);
  expect(stdout.endsWith("\r\n")).toBe(true);
  const { header, records } = parse(stdout);
  const { files } = await listed();
  const flat = files.map(({ outputs, result, ...common }) => {
    expect(outputs).toEqual([]);
    return { ...common, ...(result as Record<string, unknown> | null) };
  });
  expect(header.toSorted()).toEqual([...new Set(flat.flatMap(Object.keys))].toSorted());
  expect(records).toHaveLength(files.length);
  for (const [index, file] of flat.entries()) {
    const record = records[index] ?? [];
    for (const [column, field] of header.entries()) {
      const value = (file as Record<string, unknown>)[field];
      const text = typeof value === "string" ? value : value === undefined ? "" : JSON.stringify(value);
      expect(record[column]).toBe(/^[=+@-]/.test(text) ? `'${text}` : text);
    }
  }
});

test("the table says what the batch came to and has a line for each file; what is chosen may be none", async () => {
  const { exitCode, stdout } = await harness.run("files", batchId);
  expect(exitCode).toBe(0);
  expect(stdout.split("\n")[0]).toBe(`batch ${batchId}, generation 1: 9 files (5 processed, 2 skipped, 2 quarantined)`);
  expect(stdout).toMatch(/│ broken\.bad +│ quarantined │ corrupt-gzip +│ +5 B │/);
  expect(stdout).toMatch(/│ old\.latin1 +│ processed +│ doubtful: /);
  expect((await harness.run("files", batchId, "--status", "unfinished")).stdout).toMatch(/\nno such files\n$/);
  // nothing to give a reason for
  expect((await harness.run("files", batchId, "--status", "processed", "--limit", "1")).stdout).not.toContain("reason");
});

test("a generation's own files", async () => {
  for (const name of NAMES) harness.mended.add(name);
  await harness.run("quarantine", "replay", "latest");
  expect(namesOf(await listed("--status", "quarantined"))).toEqual([]);
  expect(namesOf(await listed("--status", "quarantined", "--generation", "1"))).toEqual(["+1.bad", "broken.bad"]);
});

describe("what can't be listed exits with 2", () => {
  test.each([
    ["an unknown batch", [UNKNOWN], /no such batch/],
    ["no batch's id", ["nonsense"], /'nonsense' is not a batch's id/],
    ["a generation that isn't there", ["latest", "--generation", "2"], /has no generation 2/],
    ["an unknown status", ["latest", "--status", "lost"], /statuses are processed, skipped, quarantined, unfinished, doubtful/],
    ["an unknown reason", ["latest", "--reason", "lost"], /reasons are not-text, .*missing, .*cancelled/],
    ["two formats", ["latest", "--json", "--format", "csv"], /--format csv with --json/],
  ])("%s", async (_name, args, message) => {
    const { exitCode, stderr } = await harness.run("files", ...args);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^error: [^\n]+\nfix: [^\n]+\n$/);
  });
  test("a batch that has no result yet: as `results` says it", async () => {
    harness.finishes = false;
    await harness.run("submit", "texts");
    const { exitCode, stderr } = await harness.run("files", "latest");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has no result yet\nfix: .*filemill status/);
    expect(await harness.run("results", "latest")).toMatchObject({ exitCode, stderr });
  });
});

describe("results that are not what they should be", () => {
  const cut = (): void => {
    const key = resultsKey({ batchId, generation: 1 });
    const lines = harness.objects.text("state", key).split("\n");
    harness.objects.set("state", key, `${lines.slice(0, 3).join("\n")}\n`);
  };
  test("too few: an error; with --json nothing of the document is printed, and nothing stays on the disk", async () => {
    cut();
    await mkdir(path.join(harness.directory, "temporary"));
    harness.variables = { TMPDIR: path.join(harness.directory, "temporary") };
    const asJson = await harness.run("files", "latest", "--json");
    expect(asJson.exitCode).toBe(1);
    expect(JSON.parse(asJson.stdout)).toMatchObject({
      error: { code: "run-failed", message: expect.stringContaining("results of 3") as string },
    });
    expect(await readdir(path.join(harness.directory, "temporary"))).toEqual([]);
    for (const format of ["table", "csv"]) {
      expect(await harness.run("files", "latest", "--format", format)).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("results of 3") as string,
      });
    }
  });
});
