import { fileWordsSchema } from "../../workloads/word-count/results";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { runCommand, testHome } from "../support/command";
import { readResultFiles } from "../support/result-files";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-inputs-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("S1.35, S1.120: a list of files and the files of an archive are counted each under its own name", async () => {
  await mkdir(path.join(folder, "a/b"), { recursive: true });
  await writeFile(path.join(folder, "a/one.txt"), "listed words");
  await writeFile(path.join(folder, "a/b/big.txt"), "archived words ".repeat(700_000));
  execFileSync("tar", ["-czf", "packed.tgz", "a"], { cwd: folder });
  await writeFile(path.join(folder, "list.txt"), "# mine\r\na/one.txt\r\npacked.tgz\r\n");
  const run = ["local", "run", "--files-from", "list.txt", "--json", "--out", "out", "--workers", "1"];
  const { exitCode, stderr } = await runCommand(testHome("inputs"), run, folder);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("1 archive opened, with 2 files") as string });
  const [batchId = ""] = await readdir(path.join(folder, "out"));
  const { lines } = await readResultFiles(path.join(folder, "out"), batchId);
  expect(lines.map(({ filename, result }) => [filename, fileWordsSchema.parse(result).totalWords])).toEqual([
    ["a/one.txt", 2],
    ["packed.tgz/a/b/big.txt", 1_400_000],
    ["packed.tgz/a/one.txt", 2],
  ]);
});
