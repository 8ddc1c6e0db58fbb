import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { eventually } from "../kit/local/support/local-home";
import { runCommand, startCommand, testHome } from "../support/command";
import { writeSmallWordFreqSet } from "../support/data-sets";
import { linkEmulator } from "../support/emulator-home";
import { foldersOf, processesOf } from "../support/leftovers";

const HOME = testHome("bad-luck");

/** Worse luck: `bad-luck.slow.ts`. */
describe("wrong input and bad luck", () => {
  let folder: string;
  let texts: string;

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-bad-luck-"));
    texts = path.join(folder, "texts");
    await writeSmallWordFreqSet(texts);
    await linkEmulator(HOME);
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    expect(await processesOf(HOME)).toEqual([]);
    expect(await foldersOf(HOME)).toEqual([]);
  });

  const run = (...args: string[]) => ["local", "run", ...args, "--out", path.join(folder, "out")];

  test.each([
    ["a path that doesn't exist", ["local", "run", "/nowhere/at all.txt"], "/nowhere/at all.txt"],
    ["an unknown option", ["local", "run", "--frobnicate"], "--frobnicate"],
    ["a number out of range", ["local", "run", "--minimum-word-length", "0"], "minimum-word-length"],
    ["an unknown route", ["local", "run", "--route", "ferry"], "ferry"],
    ["an unknown batch", ["results", "01JNEVERSEEN00000000000000"], "local up"],
  ])("%s is exit code 2, with the cause and a way out, and starts nothing", async (_name, args, named) => {
    const { exitCode, stderr, stdout } = await runCommand(HOME, args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(named);
    expect(stderr).not.toContain("    at ");
  });

  test("an empty folder is exit code 2", async () => {
    const empty = path.join(folder, "empty");
    await mkdir(empty, { recursive: true });
    const { exitCode, stderr } = await runCommand(HOME, run(empty));
    expect(exitCode).toBe(2);
    expect(stderr).toContain(empty);
  });

  test("an output folder that can't be written is found before anything starts", async () => {
    const file = path.join(folder, "a-file");
    await writeFile(file, "");
    const { exitCode, stderr } = await runCommand(HOME, ["local", "run", texts, "--out", path.join(file, "out")]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(file);
  });

  test("a killed run takes its processes with it, and the next command removes its folders", async () => {
    const run = startCommand(HOME, ["local", "run", texts, "--out", path.join(folder, "out")]);
    await run.says("provisioning");
    run.process.kill("SIGKILL");
    await run.finished;
    await eventually(async () => (await processesOf(HOME)).length === 0);
    expect(await foldersOf(HOME)).toHaveLength(2);
    expect(await runCommand(HOME, ["local", "down"])).toMatchObject({ exitCode: 0, stdout: "no local stack was up\n" });
    expect(await foldersOf(HOME)).toEqual([]);
  });

  test("a port that is taken is named", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    try {
      const { exitCode, stderr } = await runCommand(HOME, ["local", "up", "--port", port]);
      expect(exitCode).not.toBe(0);
      expect(stderr).toContain(port);
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
