import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { PROJECT, testHome } from "../support/command";
import { foldersOf, processesOf } from "../support/leftovers";
import { until } from "../support/until";

const HOME = testHome("signals-and-outputs");
const COMMAND = `${process.execPath} ${path.join(PROJECT, "bin", "filemill.js")}`;
jest.setTimeout(3 * 60_000);

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill-signals-"));
  await mkdir(path.join(folder, "texts"));
  for (let index = 0; index < 3; index += 1) await writeFile(path.join(folder, "texts", `${index}.txt`), `hello words number${index}`);
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});
afterEach(async () => {
  expect(await processesOf(HOME)).toEqual([]);
  expect(await foldersOf(HOME)).toEqual([]);
});

interface Script {
  readonly stderr: () => string;
  readonly exitCode: Promise<number | null>;
}

function startBash(script: string): Script {
  const child = spawn("bash", ["-c", script], {
    cwd: folder,
    env: { ...process.env, FILEMILL_HOME: HOME },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const exitCode = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { stderr: () => stderr, exitCode };
}
const bash = (script: string): Promise<number | null> => startBash(script).exitCode;
const textOf = (file: string): Promise<string> => readFile(path.join(folder, file), "utf8").catch(() => "");

describe("signals that were ignored at the start", () => {
  /** A run below nohup and a shell that ignores Ctrl-C, which is being provisioned. */
  async function startIgnoring(json: string): Promise<Script & { readonly pid: number }> {
    const script = startBash(
      `trap '' INT; nohup ${COMMAND} local run texts --route lambda --workers 1 --json --out out > ${json} & echo "pid $!" >&2; wait $!`,
    );
    await until(() => script.stderr().includes("provisioning"));
    return { ...script, pid: Number(/^pid (\d+)$/m.exec(script.stderr())?.[1]) };
  }

  test("stay ignored: SIGHUP without a terminal (nohup), SIGINT below a shell that ignores it", async () => {
    const { exitCode, pid, stderr } = await startIgnoring("run.json");
    process.kill(pid, "SIGHUP");
    process.kill(pid, "SIGINT");
    expect({ exitCode: await exitCode, stderr: stderr() }).toEqual({
      exitCode: 0,
      stderr: expect.not.stringContaining("stopping") as string,
    });
    expect(JSON.parse(await textOf("run.json"))).toMatchObject({ status: "completed", files: { processed: 3 } });
  });
  test("say nothing of others: SIGTERM ends it in order", async () => {
    const { exitCode, pid } = await startIgnoring("ended.json");
    process.kill(pid, "SIGTERM");
    expect(await exitCode).toBe(130);
    expect(JSON.parse(await textOf("ended.json"))).toMatchObject({ error: { code: "interrupted", exitCode: 130 } });
  });
});

describe("outputs that can't be written", () => {
  test("standard output on a full disk: all is done and taken down, a line says so, exit code 5", async () => {
    const code = await bash(`${COMMAND} local run texts --route lambda --workers 1 --json --out out > /dev/full 2> full.err`);
    const stderr = await textOf("full.err");
    expect(code).toBe(5);
    expect(stderr).toMatch(
      /\nerror: standard output could not be written, and what it was to say is lost: the disk is full; send it somewhere else\n$/,
    );
    expect(stderr).not.toMatch(/^ {4}at /m);
    // the results are where they were to go
    expect(await textOf(path.join(/^results: (.*)$/m.exec(stderr)?.[1]?.slice(folder.length + 1) ?? "", "batch.json"))).toContain(
      '"status":"completed"',
    );
  });
  test("a reader that wants no more: quiet, all is taken down, the exit code is the command's", async () => {
    expect(await bash(`${COMMAND} local run texts --workers 1 --out out 2> pipe.err | head -c 1 > /dev/null; exit \${PIPESTATUS[0]}`)).toBe(
      0,
    );
    expect(await textOf("pipe.err")).not.toContain("error");
    expect(await bash(`set -o pipefail; ${COMMAND} --help | head -1 > /dev/null`)).toBe(0);
  });
  test("an error that can't be told keeps its exit code", async () => {
    expect(await bash(`${COMMAND} local run nowhere --json > /dev/full 2> /dev/full`)).toBe(2);
  });
});

test("too many open files are named with the limit, and what raises it", async () => {
  expect(await bash(`ulimit -n 64; ${COMMAND} local run texts --route lambda --workers 1 --json --out out > limit.json 2> limit.err`)).toBe(
    1,
  );
  expect(JSON.parse(await textOf("limit.json"))).toMatchObject({
    error: {
      code: "too-many-open-files",
      message: expect.stringContaining("(this process may have 64)") as string,
      fix: expect.stringContaining("ulimit -n") as string,
    },
  });
});
