import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Harness } from "./harness";

const UNKNOWN = "01JD3Z0T2V5Y8W4KQ6R7M9N1PX";

let harness: Harness;
let batchId: string;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts"));
  for (const name of ["a.txt", "b.bad", "c.png", "d\u001b[2J.bad"]) await writeFile(path.join(harness.directory, "texts", name), "words");
  await harness.run("local", "up");
  batchId = (await harness.run("submit", "texts")).stdout.trim();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const json = async (...args: string[]): Promise<unknown> => {
  const { exitCode, stdout, stderr } = await harness.run(...args, "--json");
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(/^[^\n]+\n$/);
  return JSON.parse(stdout);
};

const mendAll = (): void => {
  for (const name of ["b.bad", "d\u001b[2J.bad"]) harness.mended.add(name);
};

describe("quarantine list", () => {
  test("of a batch: each file with its reason, names made safe for a terminal, what to do next", async () => {
    const { exitCode, stdout } = await harness.run("quarantine", "list", batchId);
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`batch ${batchId}, generation 1: 2 quarantined files (2 corrupt-gzip)`);
    expect(stdout).toMatch(/b\.bad +│ corrupt-gzip │ +5 B/);
    expect(stdout).toContain("d\\u{1b}[2J.bad");
    expect(stdout).not.toContain("\u001b");
    expect(stdout).not.toMatch(/a\.txt|c\.png/);
    expect(stdout).toContain(`npx filemill quarantine replay ${batchId}`);
  });

  test("without a batch: the newest batches that have any", async () => {
    await writeFile(path.join(harness.directory, "whole.txt"), "words");
    const whole = (await harness.run("submit", "whole.txt")).stdout.trim();
    const second = (await harness.run("submit", "texts")).stdout.trim();
    const listed = (await json("quarantine", "list")) as { batches: { batchId: string }[]; files: { batchId: string; filename: string }[] };
    expect(listed.batches.map((batch) => batch.batchId).toSorted()).toEqual([batchId, second].toSorted());
    expect(listed.files).toHaveLength(4);
    expect((await harness.run("quarantine", "list")).stdout).not.toContain(whole);
  });

  test("the limit cuts the list, not the counts, and is one for all batches", async () => {
    await harness.run("submit", "texts");
    const listed = (await json("quarantine", "list", "--limit", "3")) as { batches: { total: number }[]; files: object[] };
    expect(listed.batches.map(({ total }) => total)).toEqual([2, 2]);
    expect(listed.files).toHaveLength(3);
    expect((await harness.run("quarantine", "list", batchId, "--limit", "1")).stdout).toContain("and 1 more file; --limit shows more");
  });

  test("a reason that no file has: none; reasons are given one by one or with commas", async () => {
    expect(await json("quarantine", "list", batchId, "--reason", "missing,changed", "--reason", "too-large")).toEqual({
      schemaVersion: 2,
      batches: [{ batchId, generation: 1, total: 0, byReason: {} }],
      files: [],
    });
    expect((await harness.run("quarantine", "list", batchId, "--reason", "missing")).stdout).toBe("no quarantined files\n");
    expect(await json("quarantine", "list", batchId, "--reason", "missing,corrupt-gzip")).toMatchObject({
      batches: [{ total: 2, byReason: { "corrupt-gzip": 2 } }],
    });
  });

  test("a batch at work has no result; one that is resumed shows the result it has until then", async () => {
    harness.finishes = false;
    const running = (await harness.run("submit", "texts")).stdout.trim();
    const { exitCode, stderr } = await harness.run("quarantine", "list", running);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has no result yet.*\nfix: .*filemill status/);
    await harness.run("quarantine", "replay", batchId);
    expect(await json("quarantine", "list", batchId)).toMatchObject({ batches: [{ generation: 1, total: 2 }] });
  });
});

describe("quarantine show", () => {
  test("tells identity, state, reason, what that means and the way out", async () => {
    const { exitCode, stdout } = await harness.run("quarantine", "show", "latest", "b.bad");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^b\.bad\nbatch \w{26}, generation 1: quarantined \(corrupt-gzip\)\ndetail: unexpected end of file\ns3:\/\/uploading\/batches\/\w{26}\/b\.bad\n5 B, .*ETag \w/,
    );
    expect(stdout).toMatch(
      /why: it begins as gzip does, or its name ends with \.gz.*\nway out: put a whole copy.*\nnext: aws s3 cp WHOLE-COPY s3:\/\/uploading\/batches\/\w{26}\/b\.bad\nnext: npx filemill quarantine replay \w{26} --reason corrupt-gzip\n/,
    );
  });
  test("as JSON has the manifest's identity and the same words", async () => {
    expect(await json("quarantine", "show", batchId, "b.bad")).toMatchObject({
      batchId,
      generation: 1,
      filename: "b.bad",
      status: "quarantined",
      reason: "corrupt-gzip",
      detail: "unexpected end of file",
      identity: { bucket: "uploading", key: `batches/${batchId}/b.bad`, size: 5 },
      meaning: expect.stringContaining("can't be decompressed") as string,
      remedy: expect.stringContaining("then replay") as string,
    });
  });
  test("a skipped file can't be replayed, a processed one needs nothing", async () => {
    const skipped = (await harness.run("quarantine", "show", batchId, "c.png")).stdout;
    expect(skipped).toMatch(/skipped \(not-text\)[\s\S]*a replay leaves skipped files as they are\n$/);
    expect((await harness.run("quarantine", "show", batchId, "a.txt")).stdout).toMatch(/: processed\n/);
  });
});

describe("quarantine replay", () => {
  test("says what it takes up, opens one generation, and the files that are mended have results", async () => {
    mendAll();
    const { exitCode, stdout, stderr } = await harness.run("quarantine", "replay", batchId, "--watch", "--out", "out");
    expect(stderr).toContain("taking up 2 quarantined files (2 corrupt-gzip)\n");
    expect(stderr).toContain(`batch ${batchId}: generation 2 started`);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining(`batch ${batchId} completed`) as string });
    const written = JSON.parse(await readFile(path.join(harness.directory, "out", batchId, "receipt.json"), "utf8")) as object;
    expect(written).toMatchObject({ generation: 2, supersedes: 1 });
    expect((await harness.run("quarantine", "list", batchId)).stdout).toBe("no quarantined files\n");
  });
  test("what is still not whole stays in quarantine: exit code 3", async () => {
    harness.mended.add("b.bad");
    expect(await harness.run("quarantine", "replay", batchId, "--watch", "--json")).toMatchObject({ exitCode: 3 });
  });
  test("twice while it is at work is one generation", async () => {
    harness.finishes = false;
    expect(await json("quarantine", "replay", batchId)).toEqual({ schemaVersion: 2, batchId, generation: 2, opened: true });
    expect(await json("quarantine", "replay", batchId)).toEqual({ schemaVersion: 2, batchId, generation: 2, opened: false });
    const other = await harness.run("quarantine", "replay", batchId, "--reason", "missing");
    expect(other.exitCode).toBe(2);
    expect(other.stderr).toMatch(/generation 2 of batch .* not reported yet\nfix: wait/);
  });
  test("nothing to replay exits with 2 and opens nothing", async () => {
    const { exitCode, stderr } = await harness.run("quarantine", "replay", batchId, "--reason", "missing");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/has no quarantined file with reason missing\nfix: .*quarantine list/);
    expect(await harness.ledger.getBatch(batchId)).toMatchObject({ latestGeneration: 1 });
  });
});

test.each([
  ["list of an unknown batch", ["list", UNKNOWN], /no such batch/],
  ["list of no id", ["list", "what"], /'what' is not a batch's id and no request id[^\n]*\nfix: .*`latest`/],
  ["an unknown reason", ["list", "--reason", "bad"], /reasons are missing, changed, /],
  ["no limit", ["list", "--limit", "0"], /whole number from 1/],
  ["show of an unknown file", ["show", "latest", "none.txt"], /has no file 'none\.txt'\nfix: write the name as/],
  ["show without a file", ["show", "latest"], /missing required argument 'filename'/],
  ["replay of an unknown batch", ["replay", UNKNOWN], /no such batch/],
])("%s exits with 2", async (_name, args, message) => {
  const { exitCode, stdout, stderr } = await harness.run("quarantine", ...args);
  expect(stderr).toMatch(message);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
});

test("`latest` of a stack without batches is said", async () => {
  const empty = await Harness.make();
  await empty.run("local", "up");
  const { exitCode, stderr } = await empty.run("quarantine", "list", "latest");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(/there is no batch yet\nfix: .*filemill submit/);
  await rm(empty.directory, { recursive: true, force: true });
});
