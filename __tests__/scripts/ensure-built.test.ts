import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { PROJECT } from "../support/command";

/** A project with a build of its own, which notes that it ran. */
let project: string;
beforeEach(async () => {
  project = await mkdtemp(path.join(tmpdir(), "filemill ensure-built "));
  for (const folder of ["core/deep", "__tests__", "scripts", "dist/cli", "node_modules/esbuild"])
    await mkdir(path.join(project, folder), { recursive: true });
  await write("tsconfig.json", JSON.stringify({ include: ["main.ts", "core", "__tests__"] }));
  for (const file of ["main.ts", "core/deep/a.ts", "__tests__/a.test.ts", "package.json", "node_modules/.package-lock.json"])
    await write(file, "1");
  await write("scripts/build.mjs", BUILD);
});
afterEach(() => rm(project, { recursive: true, force: true }));

const FRESHNESS = JSON.stringify(pathToFileURL(path.join(PROJECT, "scripts", "build", "freshness.mjs")));
const ENSURE_BUILT = JSON.stringify(pathToFileURL(path.join(PROJECT, "scripts", "build", "ensure-built.mjs")));
const BUILD = `
  import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
  import { fingerprintOf, stampOf } from ${FRESHNESS};
  const fingerprint = fingerprintOf(process.cwd());
  mkdirSync("dist/cli", { recursive: true });
  writeFileSync("dist/cli/main.js", "built");
  appendFileSync("builds", process.argv.slice(2).join() + "\\n");
  const { file, content } = stampOf(process.cwd(), fingerprint);
  writeFileSync(file, content);`;

const write = (file: string, content: string): Promise<void> => writeFile(path.join(project, file), content);
const builds = async (): Promise<string[]> => (await readFile(path.join(project, "builds"), "utf8").catch(() => "")).trim().split("\n");

function ensureBuilt(): Promise<{ code: unknown; stderr: string }> {
  const program = `
    import { ensureBuiltOrTell } from ${ENSURE_BUILT};
    const isBuilt = await ensureBuiltOrTell(${JSON.stringify(project)});
    if (isBuilt !== (process.exitCode === undefined)) throw new Error("exit code and answer differ");`;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "--eval", program], (error, _stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stderr });
    });
  });
}
const BUILT = { code: 0, stderr: "" };

test("a fresh clone is built, and only once", async () => {
  expect(await ensureBuilt()).toEqual(BUILT);
  expect(await ensureBuilt()).toEqual(BUILT);
  expect(await builds()).toEqual(["--if-needed"]);
});

const later = (file: string): Promise<void> => utimes(path.join(project, file), new Date(), new Date(Date.now() + 60_000));
test.each([
  ["a source is newer", () => later("core/deep/a.ts"), 2],
  ["a source is older: another commit was checked out", () => utimes(path.join(project, "main.ts"), 1, 1), 2],
  ["a source is new", () => write("core/deep/b.ts", "1"), 2],
  ["a source is gone", () => rm(path.join(project, "core/deep/a.ts")), 2],
  ["packages were installed", () => later("node_modules/.package-lock.json"), 2],
  ["the build itself has changed", () => later("scripts/build.mjs"), 2],
  ["something that was built is gone", () => rm(path.join(project, "dist/cli/main.js")), 2],
  ["what was built is gone", () => rm(path.join(project, "dist"), { recursive: true }), 2],
  ["the note of the last build is damaged", () => write("dist/complete", '{"fingerprint":'), 2],
  ["a test has changed", () => later("__tests__/a.test.ts"), 1],
  ["something else was written to the project", () => write("notes.txt", "1"), 1],
])("when %s, the next start builds accordingly", async (_what, change, times) => {
  await ensureBuilt();
  await change();
  expect(await ensureBuilt()).toEqual(BUILT);
  expect(await builds()).toHaveLength(times);
  expect(await ensureBuilt()).toEqual(BUILT);
  expect(await builds()).toHaveLength(times);
});

test("without packages it says how to install them, and runs nothing", async () => {
  await rm(path.join(project, "node_modules"), { recursive: true });
  const { code, stderr } = await ensureBuilt();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: `error: filemill can't be built: its packages are not installed in ${project}\nfix: run \`npm ci\` in ${project}, then try again\n`,
  });
  expect(await builds()).toEqual([""]);
});

test("a build that fails is told, with its own words before", async () => {
  await write("scripts/build.mjs", `process.stderr.write("core/a.ts:1: no luck\\n"); process.exitCode = 3;`);
  const { code, stderr } = await ensureBuilt();
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringMatching(/^core\/a\.ts:1: no luck\nerror: the build failed with exit code 3\nfix: .*`npm ci`/) as string,
  });
});
