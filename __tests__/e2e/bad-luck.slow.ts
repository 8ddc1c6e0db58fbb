import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { z } from "zod";
import { expectInterrupted, runCommand, startCommand, testHome } from "../support/command";
import { writeSmallWordFreqSet } from "../support/data-sets";
import { linkEmulator } from "../support/emulator-home";
import { foldersOf, processesOf } from "../support/leftovers";
import { readResultFiles } from "../support/result-files";

const HOME = testHome("bad-luck-slow");

describe("bad luck", () => {
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

  test.each(["starting the emulator", "provisioning", "starting 2 workers", "uploaded", "processed"])(
    "Ctrl-C at '%s' ends with exit code 130, no results and nothing left",
    (moment) => expectInterrupted(startCommand(HOME, run(texts, "--route", "fleet", "--workers", "2")), moment),
  );

  test("an emulator that dies half-way is exit code 1 and says so", async () => {
    const command = startCommand(HOME, run(texts, "--route", "fleet"));
    await command.says("processed");
    process.kill(await emulatorPid(), "SIGKILL");
    const { exitCode, stderr } = await command.finished;
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 });
    expect(stderr).toMatch(/emulator/i);
    expect(stderr).not.toContain("    at ");
  });

  test("two runs side by side don't meet", async () => {
    const results = await Promise.all(
      ["one", "two"].map((name) => runCommand(HOME, ["local", "run", texts, "--json", "--workers", "1", "--out", path.join(folder, name)])),
    );
    for (const [index, { exitCode, stdout }] of results.entries()) {
      expect(exitCode).toBe(0);
      const { batchId } = z.object({ batchId: z.string() }).parse(JSON.parse(stdout));
      const { batch } = await readResultFiles(path.join(folder, index === 0 ? "one" : "two"), batchId);
      expect(batch.files).toMatchObject({ total: 120, processed: 120 });
    }
  });

  const emulatorPid = async (): Promise<number> => {
    const [stack] = await readdir(path.join(HOME, "stacks"));
    const processes: unknown = JSON.parse(await readFile(path.join(HOME, "stacks", stack ?? "", "processes.json"), "utf8"));
    // the emulator is the first process that a stack starts
    const [emulator] = z
      .array(z.object({ pid: z.int() }))
      .min(1)
      .parse(processes);
    return emulator?.pid ?? 0;
  };
});
