import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { testHome } from "../support/command";
import { writeManySmallFiles, writeWordFreqSet, type WrittenFile } from "../support/data-sets";
import { expectEqualsReference, readResultFiles } from "../support/result-files";
import { ROUTES, UpStack } from "../support/up-stack";

jest.setTimeout(30 * 60_000);

describe("at full size", () => {
  let folder: string;
  let texts: string;
  let files: WrittenFile[];
  let stack: UpStack;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-full-"));
    texts = path.join(folder, "texts");
    files = await writeWordFreqSet(texts);
    stack = await UpStack.start(testHome("full"), "--pinned-node");
  });
  afterAll(async () => {
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(ROUTES)("D.1, S1.70: 120 files of 117,500,000 bytes via $name equal the reference", async ({ options, viaUpload }) => {
    expect(files.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(117_500_000);
    const { batchId, result } = await stack.submit(path.join(folder, "out"), texts, ...options);
    expect(result.exitCode).toBe(0);
    await expectEqualsReference(await readResultFiles(path.join(folder, "out"), batchId), texts, files);
    const messages = await stack.takeMessages(120 + (viaUpload ? 0 : 1));
    expect(messages.filter(({ type }) => type === "file-processed")).toHaveLength(120);
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(viaUpload ? 0 : 1);
  });

  test("D.3: 10,000 small files in one batch", async () => {
    const many = path.join(folder, "many");
    const small = await writeManySmallFiles(many, 10_000);
    const { batchId, result } = await stack.submit(path.join(folder, "out"), many, "--route", "fleet");
    expect(result.exitCode).toBe(0);
    await expectEqualsReference(await readResultFiles(path.join(folder, "out"), batchId), many, small);
    const messages = await stack.takeMessages(10_001);
    expect(new Set(messages.map(({ messageId }) => messageId)).size).toBe(10_001);
    expect(messages.filter(({ type }) => type === "batch-completed")).toHaveLength(1);
  });
});
