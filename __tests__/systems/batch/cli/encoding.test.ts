import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { WORD_COUNT_METADATA } from "../../../../workloads/word-count/workload";
import { Harness } from "./harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.make();
  await mkdir(path.join(harness.directory, "texts"));
  await writeFile(path.join(harness.directory, "texts/a.txt"), "words");
  await harness.run("local", "up");
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

test.each([
  [[], "auto"],
  [["--encoding", "windows-1252"], "windows-1252"],
  [["--encoding", "Latin-1"], "iso-8859-1"],
  [["--encoding", "AUTO"], "auto"],
])("%j is the batch's encoding %s", async (args, encoding) => {
  expect((await harness.run("submit", "texts", ...args)).exitCode).toBe(0);
  const [batch] = await harness.ledger.listBatches(1);
  expect(batch?.workload).toMatchObject({ name: "word-count", options: { minimumWordLength: 5, top: 10, encoding } });
});

test("on the upload path it goes along with each object", async () => {
  expect((await harness.run("submit", "texts", "--via", "upload", "--encoding", "koi8-r", "--watch")).exitCode).toBe(0);
  const [key = ""] = harness.objects.keys("processing");
  expect((await harness.objects.head("processing", key)).metadata).toMatchObject({ [WORD_COUNT_METADATA.encoding]: "koi8-r" });
});

test("the same request id in another encoding is another submission, and refused", async () => {
  await harness.run("submit", "texts", "--request-id", "r");
  const { exitCode, stderr } = await harness.run("submit", "texts", "--request-id", "r", "--encoding", "windows-1252");
  expect(exitCode).toBe(2);
  expect(stderr).toContain("option encoding was 'auto', is 'windows-1252'");
});

test.each([
  ["windows-1259", ["windows-1250", "windows-1251", "windows-1252"]],
  ["utf-16", ["utf-16le", "utf-16be"]],
  ["utf8-bom", ["utf-8"]],
  ["iso-8859-12", ["iso-8859-1"]],
  ["", ["gbk"]],
])("an unknown name ('%s') is refused with those like it, before anything is started", async (name, like) => {
  for (const args of [
    ["submit", "texts"],
    ["local", "run", "texts"],
  ]) {
    const { exitCode, stderr } = await harness.run(...args, "--encoding", name);
    expect(exitCode).toBe(2);
    for (const known of like) expect(stderr).toContain(known);
  }
  expect(await harness.ledger.listBatches(1)).toEqual([]);
});
