import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { LineFile } from "../../../kit/lib/line-file";

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "filemill-lines-"));
  file = path.join(directory, "lines.jsonl");
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

test("what was appended is in the file, with its size and hash, however many buffers it filled", async () => {
  const lines = await LineFile.create(file);
  let text = "";
  for (let round = 0; round < 40; round += 1) {
    const line = `${"é".repeat(60_000)}${round}\n`;
    text += line;
    await lines.append(line);
  }
  expect(lines.bytes).toBe(Buffer.byteLength(text));
  expect(await lines.finish()).toBe(createHash("sha256").update(text).digest("hex"));
  expect(readFileSync(file, "utf8")).toBe(text);
});

test("one buffer of text waits in memory: small lines are written together, and not only at the end", async () => {
  const lines = await LineFile.create(file);
  const line = `${"x".repeat(1_023)}\n`;
  for (let kibibytes = 1; kibibytes < 256; kibibytes += 1) await lines.append(line);
  expect(statSync(file).size).toBe(0);
  await lines.append(line);
  expect(statSync(file).size).toBe(2 ** 18);
  await lines.append(line);
  expect(statSync(file).size).toBe(2 ** 18);
  await lines.finish();
  expect(statSync(file).size).toBe(2 ** 18 + 1_024);
});

test.each(["finish", "abandon"] as const)("%s gives the file's handle back", async (end) => {
  const lines = await LineFile.create(file);
  const { handle } = lines as unknown as { readonly handle: FileHandle };
  expect(handle.fd).toBeGreaterThan(-1);
  await lines[end]();
  expect(handle.fd).toBe(-1);
});

test("a file that is there is not written over", async () => {
  await (await LineFile.create(file)).finish();
  await expect(LineFile.create(file)).rejects.toThrow("EEXIST");
});
