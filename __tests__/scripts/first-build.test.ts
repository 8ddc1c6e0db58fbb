import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { text } from "node:stream/consumers";
import { snapshot } from "../kit/folders/support/tree";
import { PROJECT } from "../support/command";

/** Programs of a project so small that its build takes a moment. */
const PROGRAMS = [
  "main",
  "worker/main",
  "worker/thread",
  "command/supervisor",
  "bench/main",
  "bench/counter/count-words",
  "command/simulate",
  "systems/batch/simulation/worlds",
  "lambdas/batch/plan/handler",
  "workloads/small/workload",
];
/** Says what of a whole build is there at the moment the command starts. */
const COMMAND = `
import { existsSync } from "node:fs";
export const main = (project) => {
  const files = ["main.js", "worker/main.js", "worker/thread.js", "worker/worker.tar.gz", "local/supervisor.js", "bench/main.js", "simulator/batch/worlds.js", "lambdas/batch/plan.zip"];
  console.log(JSON.stringify(files.filter((file) => !existsSync(project + "/dist/" + file))));
};`;

let project: string;
beforeEach(async () => {
  project = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-first-build-")));
  for (const folder of ["bin", "scripts", "kit/folders", "kit/lib", "workloads/word-count/simd", "package.json", "tsconfig.json"]) {
    await cp(path.join(PROJECT, folder), path.join(project, folder), { recursive: true });
  }
  await symlink(path.join(PROJECT, "node_modules"), path.join(project, "node_modules"));
  for (const program of PROGRAMS) {
    await mkdir(path.dirname(path.join(project, program)), { recursive: true });
    await writeFile(path.join(project, `${program}.ts`), "console.log(1);\n");
  }
  await mkdir(path.join(project, "command"), { recursive: true });
  await writeFile(path.join(project, "command/main.ts"), COMMAND);
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, args, { cwd: project, stdio: ["ignore", "pipe", "pipe"] });
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}

test("two commands at once in a fresh clone: one builds, the other waits, and each starts when all is there", async () => {
  const starts = await Promise.all([run("bin/filemill.js"), run("bin/filemill.js")]);
  for (const { code, stdout } of starts) expect({ code, stdout }).toEqual({ code: 0, stdout: "[]\n" });
  // once built, nothing is built again
  expect(await run("bin/filemill.js")).toEqual({ code: 0, stdout: "[]\n", stderr: "" });
});

test("a build that broke off is taken up: some of what it makes is there, but not all", async () => {
  await mkdir(path.join(project, "dist/cli"), { recursive: true });
  await writeFile(path.join(project, "dist/cli/main.mjs"), COMMAND);
  const { code, stdout } = await run("bin/filemill.js");
  expect({ code, stdout }).toEqual({ code: 0, stdout: "[]\n" });
});

test("a folder dist/ with something of the user's in it is left alone, by name", async () => {
  await mkdir(path.join(project, "dist"));
  await writeFile(path.join(project, "dist/precious.txt"), "precious");
  const { code, stderr } = await run("scripts/build.mjs");
  expect(code).toBe(1);
  expect(stderr).toContain(`'${project}/dist/precious.txt' was made by no build`);
  expect((await readdir(path.join(project, "dist"))).toSorted()).toEqual(["build.lock", "precious.txt"]);
});

test("archives of the worker before go when the worker changes, and nothing else does", async () => {
  expect((await run("scripts/build.mjs")).code).toBe(0);
  const worker = path.join(project, "dist/worker");
  await writeFile(path.join(worker, "worker-linux-arm64.tar.gz"), "old");
  await writeFile(path.join(worker, "worker-linux-arm64.tar.gz.mine"), "precious");
  const before = await snapshot(path.join(project, "dist"));
  expect((await run("scripts/build.mjs")).code).toBe(0);
  expect(await snapshot(path.join(project, "dist"))).toEqual(before);
  await writeFile(path.join(project, "worker/main.ts"), "console.log(2);\n");
  expect((await run("scripts/build.mjs")).code).toBe(0);
  expect((await readdir(worker)).toSorted()).toEqual(["main.js", "thread.js", "worker-linux-arm64.tar.gz.mine", "worker.tar.gz"]);
});
