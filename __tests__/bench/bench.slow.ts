import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { addresses } from "../support/data-sets";
import { PROJECT } from "../support/project";
import { referenceCount } from "../support/reference";

const BENCH = path.join(PROJECT, "dist", "bench", "main.js");
const bench = async (...options: readonly string[]): Promise<string> =>
  (await promisify(execFile)(process.execPath, [BENCH, ...options, "--runs", "1"])).stdout;

const machineSchema = z.object({ processor: z.string().min(1), cores: z.int().min(1), node: z.literal(process.version) });
const spreadSchema = z.object({ median: z.number().positive(), minimum: z.number(), maximum: z.number() });

// figures are for people; a benchmark that nobody could run would be noticed when it is needed
// one as a batch and one by uploads; the others differ from them in data and route
test.each(["wordfreq-fleet", "wordfreq-upload"])("the benchmark %s runs", async (name) => {
  const schema = z.object({
    machine: machineSchema,
    scenario: z.literal(name),
    wallSeconds: spreadSchema,
    runs: z.array(z.object({ files: z.literal(120), wallSeconds: z.number().positive(), callsPerFile: z.number().positive() })).length(1),
  });
  expect(schema.safeParse(JSON.parse(await bench(name, "--json"))).error).toBeUndefined();
});

describe("counters on a file of one's own", () => {
  let folder: string;
  let file: string;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-bench-test-"));
    file = path.join(folder, "addresses.txt");
    const { directory, names } = await addresses();
    await writeFile(file, Buffer.concat(await Promise.all(names.map((name) => readFile(path.join(directory, name))))));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("as JSON: every program with its runs, ours with all the words of the text", async () => {
    const programs = ["ours", "wc -w", "plain Node", "regex in Node"];
    const figuresSchema = z.object({
      program: z.string(),
      lines: z.int(),
      cpuSeconds: spreadSchema,
      oursAgainstIt: z.number().positive(),
      runs: z.array(z.object({ cpuSeconds: z.number().positive(), wallSeconds: z.number().positive() })).length(1),
    });
    const schema = z.object({ machine: machineSchema, scenario: z.literal("count-file"), figures: z.array(figuresSchema) });
    const { figures } = schema.parse(JSON.parse(await bench("count-file", "--text", file, "--json")));
    expect(figures.map(({ program }) => program)).toEqual(programs);
    const { distinctWords } = referenceCount(await readFile(file, "utf8"), { minimumWordLength: 1 });
    const [ours, wc] = figures;
    expect(ours).toMatchObject({ lines: distinctWords, oursAgainstIt: 1 });
    expect(wc?.lines).toBe(1);
  });

  test("as a table: a row for each program below the machine", async () => {
    const text = await bench("count-file", "--text", file);
    expect(text).toMatch(/^.*\d+ cores, .*Node v/);
    expect(text).toMatch(/ours takes/);
    for (const program of ["ours", "wc -w", "plain Node", "regex in Node"])
      expect(text).toMatch(new RegExp(`│ ${program} +│ given +│ \\d`));
  });

  test("what is not there is said, with the way out", async () => {
    await expect(bench("count-file")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("--text FILE") as string });
    const missing = path.join(folder, "missing");
    for (const option of ["--text", "--c-program"]) {
      const stderr = expect.stringContaining(`${option} '${missing}' can't be read`) as string;
      await expect(bench("count-file", option, missing)).rejects.toMatchObject({ code: 1, stderr });
    }
    await expect(bench("count-nothing")).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining("expected one of") as string });
  });

  test("a file that is no text is no figure", async () => {
    const zip = path.join(folder, "packed.zip");
    await writeFile(zip, Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0]));
    await expect(bench("count-file", "--text", zip)).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("give a text that is not packed") as string,
    });
  });
});
