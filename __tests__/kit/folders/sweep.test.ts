import { chown, mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ProcessIdentity } from "../../../kit/folders/mark";
import { OwnedFolder } from "../../../kit/folders/owned-folder";
import { createProcessFolder, withTemporaryFolder } from "../../../kit/folders/process-folder";
import { identify, identifySelf, isAlive, lifeOf } from "../../../kit/folders/processes";
import { sweepDeadFolders } from "../../../kit/folders/sweep";
import { Children } from "./support/children";
import { snapshot } from "./support/tree";

let root: string;
let children: Children;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "filemill-sweep-"));
  children = new Children();
});
afterEach(async () => {
  children.end();
  await rm(root, { recursive: true, force: true });
});

const sweep = (parent = root) => sweepDeadFolders(parent, { kinds: ["run"], prefix: "run-" });

async function folderOf(owner: ProcessIdentity, kind: "run" | "stack" = "run", parent = root): Promise<string> {
  const folder = await OwnedFolder.create(parent, { kind, prefix: `run-${owner.pid}-`, owner });
  await writeFile(path.join(folder.path, "file"), "x");
  return path.basename(folder.path);
}

describe("the sweep", () => {
  test("takes the folders of dead owners, and leaves those whose owners live or can't be seen", async () => {
    const dead = await children.dead();
    const living = await identify(await children.leader());
    if (living === undefined) throw new Error("the process is not listed");
    await folderOf(dead);
    // its number belongs to another process now
    await folderOf({ ...living, started: dead.started });
    // before the machine was started
    await folderOf({ ...living, started: "another boot/1" });
    const staying = [
      await folderOf(living),
      await folderOf(await identifySelf()),
      // another container's: there is no telling whether it lives
      await folderOf({ ...dead, space: "pid:[1]" }),
      await folderOf(dead, "stack"),
    ];
    expect(await sweep()).toEqual([]);
    expect((await readdir(root)).toSorted()).toEqual(staying.toSorted());
  });

  test("leaves everything that isn't marked, isn't named so, or is behind a link", async () => {
    const dead = await children.dead();
    await mkdir(path.join(root, "elsewhere"));
    const behind = await folderOf(dead, "run", path.join(root, "elsewhere"));
    await symlink(`elsewhere/${behind}`, path.join(root, `run-${dead.pid}-link01`));
    await mkdir(path.join(root, `run-${dead.pid}-theirs`));
    await writeFile(path.join(root, `run-${dead.pid}-theirs`, "precious"), "x");
    await writeFile(path.join(root, "run-file"), "x");
    await rename(path.join(root, await folderOf(dead)), path.join(root, "run-renamed"));
    await OwnedFolder.create(root, { kind: "run", prefix: "other-", owner: dead });
    await OwnedFolder.create(root, { kind: "run", prefix: "run-" });
    const before = await snapshot(root);
    expect(await sweep()).toEqual([]);
    expect(await snapshot(root)).toEqual(before);
    expect(await sweep(path.join(root, "absent"))).toEqual([]);
  });

  test("takes an empty folder that its maker could not mark before it was killed, never one that is being made", async () => {
    const dead = await children.dead();
    await mkdir(path.join(root, `run-${dead.pid}-abcdef`));
    await mkdir(path.join(root, `run-${process.pid}-abcdef`));
    await mkdir(path.join(root, "run-abcdef"));
    await sweep();
    expect(await readdir(root)).toEqual([`run-${process.pid}-abcdef`, "run-abcdef"]);
  });

  test("leaves what belongs to another user", async () => {
    const folder = path.join(root, await folderOf(await children.dead()));
    // only root can give something away; for everybody else the next line shows that their own goes
    if (process.geteuid?.() === 0) await chown(folder, 12_345, 12_345);
    await sweep();
    expect(await readdir(root)).toHaveLength(process.geteuid?.() === 0 ? 1 : 0);
  });

  test("several at the same time don't hinder each other, and none fails", async () => {
    const dead = await children.dead();
    for (let index = 0; index < 10; index += 1) await folderOf(dead);
    expect(await Promise.all([sweep(), sweep(), sweep(), sweep()])).toEqual([[], [], [], []]);
    expect(await readdir(root)).toEqual([]);
  });

  test("names what could not be removed, and goes on", async () => {
    const dead = await children.dead();
    const names = [await folderOf(dead), await folderOf(dead)].toSorted();
    const [first = ""] = names;
    const before = (folder: string): Promise<void> =>
      path.basename(folder) === first ? Promise.reject(new Error("its processes can't be ended")) : Promise.resolve();
    const left = await sweepDeadFolders(root, { kinds: ["run"], prefix: "run-", before });
    expect(left).toEqual([{ folder: expect.stringContaining(first) as string, problem: "its processes can't be ended" }]);
    expect(await readdir(root)).toEqual([first]);
  });
});

describe("a folder of a process", () => {
  test("names its owner and stays as long as that lives", async () => {
    const folder = await createProcessFolder(root, "run", "run-");
    expect(path.basename(folder.path)).toMatch(new RegExp(`^run-${process.pid}-.{6}$`));
    await sweep();
    expect(await readdir(root)).toEqual([path.basename(folder.path)]);
    await folder.remove();
    expect(await readdir(root)).toEqual([]);
  });

  test("for temporary files: those that killed processes left go first, others' stay", async () => {
    const dead = await children.dead();
    await OwnedFolder.create(root, { kind: "temporary", prefix: `filemill-${dead.pid}-`, owner: dead });
    await mkdir(path.join(root, "filemill-of-others"));
    const seen = await withTemporaryFolder(root, "filemill-", () => readdir(root));
    expect(seen).toHaveLength(2);
    expect(seen).toEqual(expect.arrayContaining(["filemill-of-others", expect.stringContaining(`filemill-${process.pid}-`)]));
    expect(await readdir(root)).toEqual(["filemill-of-others"]);
  });
});

describe("identity of a process", () => {
  test("is the same while it lives, and belongs to nobody afterwards", async () => {
    const pid = await children.leader();
    const identity = await identify(pid);
    if (identity === undefined) throw new Error("the process is not listed");
    expect(await isAlive(identity)).toBe(true);
    expect(await lifeOf({ ...identity, started: `${identity.started}0` })).toBe("dead");
    expect(await lifeOf({ ...identity, space: "pid:[1]" })).toBe("unseen");
    expect(await isAlive({ ...identity, space: "pid:[1]" })).toBe(false);
    process.kill(pid, "SIGKILL");
    await children.gone(pid);
    expect(await lifeOf(identity)).toBe("dead");
  });
});
