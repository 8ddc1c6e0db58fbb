import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ProcessIdentity, RemovableKind } from "../../../../kit/folders/mark";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import { findProcess, identify, identifySelf } from "../../../../kit/folders/processes";
import { prepareHome, withRunFolder } from "../../../../kit/local";
import { FOLDER_PREFIXES } from "../../../../kit/local/home/names";
import type { HomeFolder } from "../../../../kit/local/home/names";
import { sweepHome, tellLeft } from "../../../../kit/local/home/sweep-home";
import { StackFolder } from "../../../../kit/local/processes/stack-folder";
import { Children } from "../../folders/support/children";
import { snapshot } from "../../folders/support/tree";
import { homeOf } from "../support/local-home";

let home: string;
let children: Children;
beforeEach(async () => {
  home = await prepareHome(homeOf(await mkdtemp(path.join(tmpdir(), "filemill-sweep-home-"))));
  children = new Children();
});
afterEach(async () => {
  children.end();
  await rm(home, { recursive: true, force: true });
});

const inHome = (name: string): Promise<string[]> => readdir(path.join(home, name)).catch(() => []);

/** A folder as a process that was killed left it. */
async function abandoned(where: HomeFolder, kind: RemovableKind, owner: ProcessIdentity): Promise<string> {
  await mkdir(path.join(home, where), { recursive: true });
  const { path: folder } = await OwnedFolder.create(path.join(home, where), {
    kind,
    prefix: `${FOLDER_PREFIXES[where]}${owner.pid}-`,
    owner,
  });
  await writeFile(path.join(folder, "file"), "x");
  return folder;
}

test("what killed commands left goes: runs, stacks, half-made environments", async () => {
  const dead = await children.dead();
  await abandoned("runs", "run", dead);
  await abandoned("stacks", "stack", dead);
  await abandoned("environments", "environment", dead);
  expect(await sweepHome(home)).toEqual([]);
  expect([await inHome("runs"), await inHome("stacks"), await inHome("environments")]).toEqual([[], [], []]);
});

test("what lives stays: its runs, its stacks, and every environment while a stack runs", async () => {
  const [dead, self] = [await children.dead(), await identifySelf()];
  await abandoned("runs", "run", self);
  const stack = await StackFolder.create(home);
  const environment = await abandoned("environments", "environment", dead);
  await sweepHome(home);
  expect([await inHome("runs"), await inHome("stacks"), await inHome("environments")].map(({ length }) => length)).toEqual([1, 1, 1]);
  await stack.remove();
  await stack.remove();
  await sweepHome(home);
  expect(await inHome("environments")).toEqual([]);
  expect(environment).toContain(`environment-${dead.pid}-`);
});

test("a published environment stays, although its maker ended long ago", async () => {
  const dead = await children.dead();
  const published = await abandoned("environments", "environment", dead);
  await abandoned("environments", "environment", dead);
  await symlink(path.relative(home, published), path.join(home, "venv-0123456789ab"));
  await sweepHome(home);
  expect(await inHome("environments")).toEqual([path.basename(published)]);
});

test("folders of the user's, and what a link in the place of one of ours leads to, stay as they are", async () => {
  const dead = await children.dead();
  await mkdir(path.join(home, "runs/run-theirs"), { recursive: true });
  await writeFile(path.join(home, "runs/run-theirs/precious"), "x");
  await abandoned("stacks", "stack", dead);
  const elsewhere = `${home}-elsewhere`;
  await rename(path.join(home, "stacks"), elsewhere);
  await symlink(elsewhere, path.join(home, "stacks"));
  const before = [await snapshot(home), await snapshot(elsewhere)];
  expect(await sweepHome(home)).toEqual([]);
  expect([await snapshot(home), await snapshot(elsewhere)]).toEqual(before);
  await rm(elsewhere, { recursive: true });
});

describe("processes that outlived the runner of a stack", () => {
  const note = (folder: string, processes: object[]): Promise<void> =>
    writeFile(path.join(folder, "processes.json"), JSON.stringify(processes));

  test("are ended with the groups that its folder names", async () => {
    const pid = await children.leader();
    await note(await abandoned("stacks", "stack", await children.dead()), [{ ...(await identify(pid)) }]);
    await sweepHome(home);
    await children.gone(pid);
    expect(await findProcess(pid)).toBeUndefined();
    expect(await inHome("stacks")).toEqual([]);
  });

  test("a group's number that another process has now is no group; a member whose command line names the folder is one", async () => {
    const dead = await children.dead();
    const folder = await abandoned("stacks", "stack", dead);
    const stranger = await children.leader();
    const [leader, [member, other]] = await children.groupWithoutLeader([path.join(folder, "tmp", "worker.js")], ["other"]);
    await note(folder, [{ pid: stranger, started: "at another time" }, leader]);
    await sweepHome(home);
    await children.untilGone(member);
    expect(await findProcess(stranger)).toMatchObject({ pid: stranger });
    expect(await findProcess(other)).toMatchObject({ pid: other });
    expect(await inHome("stacks")).toEqual([]);
  });

  test("are ended with an installation that was killed, before its folder goes", async () => {
    const pid = await children.leader();
    await note(await abandoned("environments", "environment", await children.dead()), [{ ...(await identify(pid)) }]);
    await sweepHome(home);
    expect(await findProcess(pid)).toBeUndefined();
    expect(await inHome("environments")).toEqual([]);
  });

  test("a list that can't be read is told, and the folder stays for somebody to look at", async () => {
    const folder = await abandoned("stacks", "stack", await children.dead());
    await writeFile(path.join(folder, "processes.json"), "{");
    const left = await sweepHome(home);
    expect(tellLeft(left)).toEqual([expect.stringMatching(/stack-\d+-\w{6}' of a run that ended could not be removed: .*JSON/)]);
    expect(await inHome("stacks")).toHaveLength(1);
  });
});

test("a folder of a run is there for its work, gone afterwards, and what earlier ones left goes first", async () => {
  await abandoned("runs", "run", await children.dead());
  const said: string[] = [];
  const say = (line: string): number => said.push(line);
  const seen = await withRunFolder(homeOf(home), say, async (folder) => {
    await writeFile(path.join(folder, "file"), "x");
    return inHome("runs");
  });
  expect(seen).toEqual([expect.stringMatching(new RegExp(`^run-${process.pid}-`))]);
  await expect(withRunFolder(homeOf(home), say, () => Promise.reject(new Error("failed")))).rejects.toThrow("failed");
  const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
  await expect(withRunFolder(homeOf(home), say, () => Promise.reject(new Error("wrapped", { cause: full })))).rejects.toThrow(
    `can't write to '${home}', the home of the local run: the disk is full`,
  );
  expect(await inHome("runs")).toEqual([]);
  expect(said).toEqual([]);
});
