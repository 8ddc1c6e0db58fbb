import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProcess, identify, isAlive } from "../../../local/processes/processes";
import { StackFolder, sweepDeadStacks } from "../../../local/processes/stack-folder";

let home: string;
let children: ChildProcess[];
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "filemill-folder-"));
  children = [];
});
afterEach(async () => {
  for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

/** A process that leads a group of its own, and would live on. */
async function leader(...marks: string[]): Promise<number> {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000); console.log(1)", ...marks], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  children.push(child);
  await once(child.stdout, "data");
  return child.pid ?? 0;
}
const gone = async (pid: number): Promise<void> => {
  const child = children.find((each) => each.pid === pid);
  if (child?.exitCode === null && child.signalCode === null) await once(child, "exit");
};
const stacks = (): Promise<string[]> => readdir(path.join(home, "stacks"));

/** A folder as a run that is over left it. */
async function abandoned(groups: object[], owner: object = { pid: 4_194_305, started: "never" }): Promise<string> {
  const directory = path.join(home, "stacks", "4194305-abcdef01");
  await mkdir(path.join(directory, "tmp"), { recursive: true });
  await writeFile(path.join(directory, "state.json"), JSON.stringify({ owner, groups }));
  return directory;
}

describe("the folder of a stack", () => {
  test("says whose it is from the moment it can be seen, and which groups it started", async () => {
    const folder = await StackFolder.create(home);
    const pid = await leader();
    await folder.record(pid);
    const state: unknown = JSON.parse(await readFile(path.join(folder.path, "state.json"), "utf8"));
    expect(state).toEqual({ owner: await identify(process.pid), groups: [await identify(pid)] });
    await sweepDeadStacks(home);
    expect(await stacks()).toEqual([path.basename(folder.path)]);
    await folder.remove();
    await folder.remove();
    expect(await stacks()).toEqual([]);
  });

  test("goes with the groups it names when its owner is dead", async () => {
    const pid = await leader();
    await abandoned([{ ...(await identify(pid)) }]);
    await sweepDeadStacks(home);
    await gone(pid);
    expect(await findProcess(pid)).toBeUndefined();
    expect(await stacks()).toEqual([]);
  });

  test("an owner's number that another process has now is no owner; nor is a group's number a group", async () => {
    const pid = await leader();
    await abandoned([{ pid, started: "at another time" }], { pid: process.pid, started: "at another time" });
    await sweepDeadStacks(home);
    expect(await stacks()).toEqual([]);
    // somebody else's process with that number lives on
    expect(await findProcess(pid)).toMatchObject({ pid });
  });

  test("a member of the group whose command line names the folder goes too", async () => {
    const pid = await leader(path.join(home, "stacks", "4194305-abcdef01", "tmp", "worker.js"));
    // the leader is written down under another start: only the command line tells
    await abandoned([{ pid, started: "at another time" }]);
    const member = await leader();
    await sweepDeadStacks(home);
    expect(await findProcess(member)).toMatchObject({ pid: member });
    expect(await stacks()).toEqual([]);
  });

  test("without a state, it belongs to the process that its name tells", async () => {
    await mkdir(path.join(home, "stacks", `.${String(process.pid)}-01234567`), { recursive: true });
    await mkdir(path.join(home, "stacks", ".4194305-01234567"), { recursive: true });
    await sweepDeadStacks(home);
    expect(await stacks()).toEqual([`.${String(process.pid)}-01234567`]);
  });

  test("two sweeps at the same time don't hinder each other", async () => {
    await abandoned([]);
    await Promise.all([sweepDeadStacks(home), sweepDeadStacks(home), sweepDeadStacks(home)]);
    expect(await stacks()).toEqual([]);
  });
});

describe("identity of a process", () => {
  test("is the same while it lives, and belongs to nobody afterwards", async () => {
    const pid = await leader();
    const identity = await identify(pid);
    if (identity === undefined) throw new Error("the process is not listed");
    expect(await isAlive(identity)).toBe(true);
    expect(await isAlive({ ...identity, started: "at another time" })).toBe(false);
    process.kill(pid, "SIGKILL");
    await gone(pid);
    expect(await isAlive(identity)).toBe(false);
  });
});
