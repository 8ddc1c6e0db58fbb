import { execFile } from "node:child_process";
import { appendFile, cp, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { WORKLOADS } from "../../workloads/registry";
import { PROJECT } from "../support/project";

const run = promisify(execFile);
const SCRIPT = pathToFileURL(path.join(PROJECT, "scripts", "build", "workload-versions.mjs")).href;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill versions "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** What workloads are made of, in a place of its own. */
async function checkout(name: string): Promise<string> {
  const directory = path.join(folder, name);
  for (const part of ["kit", "workloads", "package.json", "tsconfig.json"])
    await cp(path.join(PROJECT, part), path.join(directory, part), { recursive: true });
  await symlink(path.join(PROJECT, "node_modules"), path.join(directory, "node_modules"));
  return directory;
}

async function versions(directory: string): Promise<Record<string, string>> {
  const program = `
    import { workloadVersions } from ${JSON.stringify(SCRIPT)};
    process.stdout.write(JSON.stringify(await workloadVersions(${JSON.stringify(directory)})));`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", program], { cwd: PROJECT });
  return JSON.parse(stdout) as Record<string, string>;
}

/** The names whose version is another one. */
const changed = (before: Record<string, string>, after: Record<string, string>): string[] =>
  Object.keys(before).filter((name) => before[name] !== after[name]);

test("every workload that ships has a version of its own, the same in every checkout", async () => {
  const here = await versions(PROJECT);
  expect(Object.keys(here).sort()).toEqual(WORKLOADS.map(({ name }) => name).sort());
  expect(new Set(Object.values(here)).size).toBe(WORKLOADS.length);
  for (const version of Object.values(here)) expect(version).toMatch(/^[0-9a-f]{16}$/);
  expect(await versions(await checkout("another, far away"))).toEqual(here);
});

test("a workload's version changes with its code, and with no other", async () => {
  const directory = await checkout("changed");
  const before = await versions(directory);
  const change = async (file: string, text: string): Promise<string[]> => {
    const original = await readFile(path.join(directory, file));
    await appendFile(path.join(directory, file), text);
    const after = await versions(directory);
    await cp(path.join(PROJECT, file), path.join(directory, file));
    expect(await readFile(path.join(directory, file))).toEqual(original);
    return changed(before, after);
  };
  const effect = `\nprocess.emit("change");\n`;
  expect(await change("workloads/word-count/count-text.ts", effect)).toEqual(["word-count"]);
  expect(await change("workloads/access-log/line.ts", effect)).toEqual(["access-log"]);
  expect(await change("workloads/registry.ts", effect)).toEqual([]);
  expect(await change("workloads/word-count/count-text.ts", "\n// said in other words\n")).toEqual([]);
});

test("what is built says the versions", async () => {
  const told = await versions(PROJECT);
  const built = ["worker/main.js", "local/supervisor.js", "lambdas/batch/plan/index.js", "simulator/batch/worlds.js"];
  for (const file of built) {
    const code = await readFile(path.join(PROJECT, "dist", file), "utf8");
    expect([file, Object.values(told).filter((version) => !code.includes(version))]).toEqual([file, []]);
  }
});
