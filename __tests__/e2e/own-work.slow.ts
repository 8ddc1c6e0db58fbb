import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { RUN_MARK } from "../../workloads/programs/process-family";
import { runCommand, testHome, type CommandResult } from "../support/command";
import { linkEmulator } from "../support/emulator-home";
import { foldersOf, processesOf } from "../support/leftovers";
import { batchFileSchema, readResultFiles, type ResultFiles } from "../support/result-files";
import { ROUTES } from "../support/up-stack";

const HOME = testHome("own-work");
const GOOD_FILES = 20;
const BATCH_ROUTES = ROUTES.filter(({ viaUpload }) => !viaUpload);
const COMMAND_LIMITS = ["--option", "timeLimitSeconds=2", "--option", "diskLimitMebibytes=20"];
/** Time enough to fill a heap of 128 and one of 512 MiB on a busy machine. */
const MODULE_LIMITS = ["--option", "timeLimitSeconds=15", "--option", "memoryClassMebibytes=128"];

type Expected = { readonly status: "processed"; readonly result: unknown } | { readonly status: "quarantined"; readonly detail: string };
const processed = (result: unknown): Expected => ({ status: "processed", result });
const quarantined = (detail: string): Expected => ({ status: "quarantined", detail });

/** What a command does to a file of that name, as a script for a shell, and what docs/workloads.md says it comes to. */
const COMMANDS: Readonly<Record<string, readonly [script: string, expected: Expected]>> = {
  forks: ["setsid sleep 300 & (sleep 300 &); for i in 1 2 3 4 5; do sleep 300 & done; echo 7", processed(7)],
  "reads-nothing": ["exit 0", processed("")],
  // two times in vain
  later: [`echo x >> "$2"; [ "$(wc -l < "$2")" -ge 3 ] || exit 75; echo 3`, processed(3)],
  "fills-disk": [
    "dd if=/dev/zero of=big bs=1M count=100 2>&-; sleep 5",
    quarantined("it wrote more to the disk than its limit and was killed"),
  ],
  prints: ["yes | head -c 1073741824", quarantined("it printed more than 65536 bytes and was killed")],
  "ignores-sigterm": ["trap '' TERM; while true; do sleep 1; done", quarantined("it ran longer than its time limit and was ended")],
  ...Object.fromEntries(
    [64, 70, 73, 76, 77, 100, 1].map((code) => [
      `exits-${code}`,
      [`echo "because of ${code}" >&2; exit ${code}`, quarantined(`exit code ${code}: because of ${code}`)] as const,
    ]),
  ),
  "is-killed": ["kill -SEGV $$", quarantined("killed by SIGSEGV")],
};

const MODULES: Readonly<Record<string, readonly [code: string, expected: Expected]>> = {
  throws: [`throw new Error("no good")`, quarantined("no good")],
  loops: ["for (;;);", quarantined("time limit")],
  "eats-memory": ["const all = []; for (;;) all.push(Array.from({ length: 1000 }, (_, index) => ({ index })));", quarantined("memory")],
  exits: ["process.exit(0)", quarantined("it ended its process, with exit code 0")],
};

describe("a user's own work goes wrong in every way among good files: each ends as docs/workloads.md says", () => {
  let folder: string;
  beforeAll(async () => {
    await linkEmulator(HOME);
  });
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), "filemill-own-work-"));
    await mkdir(path.join(folder, "files"));
    for (let index = 0; index < GOOD_FILES; index += 1) await file(`good-${index}`);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
    expect({ processes: await processesOf(HOME), folders: await foldersOf(HOME), marked: await markedProcesses() }).toEqual({
      processes: [],
      folders: [],
      marked: [],
    });
  });

  const file = (name: string): Promise<void> => writeFile(path.join(folder, "files", `${name}.txt`), "one two three");
  const run = (...options: string[]): Promise<CommandResult> =>
    runCommand(HOME, ["local", "run", "files", ...options, "--json", "--out", "out"], folder);
  const resultsOf = ({ stdout }: CommandResult): Promise<ResultFiles> =>
    readResultFiles(path.join(folder, "out"), batchFileSchema.parse(JSON.parse(stdout)).batchId);

  /** Each as stated, and the good ones processed. */
  function expectOutcomes({ lines }: ResultFiles, cases: typeof COMMANDS, good: unknown): void {
    const found = new Map(lines.map(({ filename, status, result, detail }) => [filename, { status, result, detail }]));
    for (let index = 0; index < GOOD_FILES; index += 1)
      expect(found.get(`good-${index}.txt`)).toMatchObject({ status: "processed", result: good });
    for (const [name, [, expected]] of Object.entries(cases)) {
      const detail = expected.status === "quarantined" ? { detail: expect.stringContaining(expected.detail) as string } : {};
      expect({ name, ...found.get(`${name}.txt`) }).toMatchObject({ name, ...expected, ...detail });
    }
    expect(lines).toHaveLength(GOOD_FILES + Object.keys(cases).length);
  }

  test.each(BATCH_ROUTES)("a command, on $name", async ({ options }) => {
    const branches = Object.entries(COMMANDS).map(([name, [script]]) => `${name}.txt) ${script} ;;`);
    await writeFile(
      path.join(folder, "hostile.sh"),
      `#!/bin/sh\ncase "$(basename "$1")" in\n${branches.join("\n")}\n*) wc -w < "$1" ;;\nesac\n`,
    );
    await chmod(path.join(folder, "hostile.sh"), 0o755);
    for (const name of Object.keys(COMMANDS)) await file(name);
    const done = await run(...options, ...COMMAND_LIMITS, "--exec", `./hostile.sh {in} '${path.join(folder, "tries")}'`);
    expect({ exitCode: done.exitCode, stderr: done.stderr }).toMatchObject({ exitCode: 3 });
    expectOutcomes(await resultsOf(done), COMMANDS, 3);
    // a second try for what may have been an accident; three for the one that asked for them
    expect((await readFile(path.join(folder, "tries"), "utf8")).length).toBe(6);
  });

  test.each(BATCH_ROUTES)("a module, on $name", async ({ options }) => {
    const branches = Object.entries(MODULES).map(([name, [code]]) => `case "${name}.txt": { ${code} }`);
    await writeFile(
      path.join(folder, "hostile.js"),
      `export default { async file(file) { switch (file.name.split("/").at(-1)) { ${branches.join("\n")} } return { result: file.size }; } };\n`,
    );
    for (const name of Object.keys(MODULES)) await file(name);
    const done = await run(...options, ...MODULE_LIMITS, "--workload", "./hostile.js");
    expect({ exitCode: done.exitCode, stderr: done.stderr }).toMatchObject({ exitCode: 3 });
    expectOutcomes(await resultsOf(done), MODULES, 13);
  });

  test.each([
    ["says that no file can be done", "sh -c 'echo no licence >&2; exit 78'", "exit code 78: no licence"],
    ["is not there", "no-such-program {in}", "not found"],
    ["is not executable", "./plain.sh {in}", "not executable"],
  ])("a command that %s closes the batch with the reason", async (_what, exec, reason) => {
    await writeFile(path.join(folder, "plain.sh"), "#!/bin/sh\n", { mode: 0o644 });
    const done = await run("--exec", exec);
    expect(done.exitCode).toBe(1);
    expect(`${done.stdout}${done.stderr}`).toContain(reason);
    expect((await resultsOf(done)).batch).toMatchObject({ status: "failed", files: { processed: 0, unfinished: GOOD_FILES } });
  });
});

/** Processes of runs, of whatever stack: only this test has some that are to be gone. */
async function markedProcesses(): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.includes(`${RUN_MARK}=`) && environment.includes(HOME)) found.push(pid);
  }
  return found;
}
