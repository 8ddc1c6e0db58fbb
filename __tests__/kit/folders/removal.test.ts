import { execFileSync } from "node:child_process";
import { chmod, cp, link, mkdir, mkdtemp, readdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { CreatedFile } from "../../../kit/folders/created-file";
import { MARK_FILE, readMark, writeMark } from "../../../kit/folders/mark";
import { OwnedFolder, withOwnedFolder } from "../../../kit/folders/owned-folder";
import { NotOwnedError, removeFileIn, removeFolderIfEmpty, removeOwnedFolder } from "../../../kit/folders/removal";
import { snapshot, trees, writeTree } from "./support/tree";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-removal-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const scratch = (parent = root): Promise<OwnedFolder> => OwnedFolder.create(parent, { kind: "scratch" });

describe("a folder with the product's mark", () => {
  test("goes with all that is in it, whatever it is called; a second time nothing happens", async () => {
    const folder = await scratch();
    await mkdir(path.join(folder.path, "deep/er"), { recursive: true });
    await writeFile(path.join(folder.path, "deep/er/file"), "x");
    // a name that is no text
    await writeFile(Buffer.concat([Buffer.from(`${folder.path}/`), Buffer.from([0xff, 0x61])]), "x");
    execFileSync("mkfifo", [path.join(folder.path, "fifo")]);
    // an inner folder's mark is a file like any other, and so is a folder with a mark's name
    await OwnedFolder.create(folder.path, { kind: "scratch" });
    await mkdir(path.join(folder.path, "deep", MARK_FILE));
    await folder.remove();
    await folder.remove();
    expect(await readdir(root)).toEqual([]);
  });

  test("is for its user alone, and marked before anything else can be in it", async () => {
    const folder = await scratch();
    expect(await readdir(folder.path)).toEqual([MARK_FILE]);
    expect((await snapshot(folder.path))[""]).toBe("folder 700");
    expect(await readMark(folder.path)).toEqual({ product: "filemill", kind: "scratch", folder: path.basename(folder.path) });
  });

  test("is removed after its use, also when that fails; then the failure is told", async () => {
    const use = async (folder: string): Promise<string> => {
      await writeFile(path.join(folder, "file"), "x");
      return "done";
    };
    expect(await withOwnedFolder(root, { kind: "scratch" }, use)).toBe("done");
    await expect(withOwnedFolder(root, { kind: "scratch" }, () => Promise.reject(new Error("disk full")))).rejects.toThrow("disk full");
    expect(await readdir(root)).toEqual([]);
  });

  test("two removals at the same time don't hinder each other", async () => {
    const folder = await scratch();
    for (let index = 0; index < 50; index += 1) await writeFile(path.join(folder.path, String(index)), "x");
    const removals = Array.from({ length: 4 }, () => removeOwnedFolder(folder.path).catch((error: unknown) => error));
    // one that came too late for the mark may say so; nobody fails otherwise
    const outcomes = await Promise.all(removals);
    expect(outcomes.filter((outcome) => outcome !== undefined && !(outcome instanceof NotOwnedError))).toEqual([]);
    expect(await readdir(root)).toEqual([]);
  });
});

describe("what is not the product's stays as it is, and is named", () => {
  const cases: [name: string, make: (at: string) => Promise<unknown>, why: RegExp][] = [
    ["a folder without a mark", (at) => mkdir(at), /has no mark/],
    ["a file", (at) => writeFile(at, "x"), /not a folder/],
    ["a link to a marked folder", async (at) => symlink((await scratch()).path, at), /is a link/],
    ["a link to nothing", (at) => symlink("nowhere", at), /is a link/],
    [
      "a folder whose mark is a link to one",
      (at) => markedBy(at, async (mark) => symlink(path.join((await scratch()).path, MARK_FILE), mark)),
      /no mark/,
    ],
    [
      "a mark of another program",
      (at) => markedBy(at, (mark) => writeFile(mark, '{"product":"other","kind":"scratch","folder":"it"}')),
      /no mark/,
    ],
    ["a mark that is no JSON", (at) => markedBy(at, (mark) => writeFile(mark, "")), /no mark/],
    ["a mark that is a folder", (at) => markedBy(at, (mark) => mkdir(mark)), /no mark/],
    ["a copy of a marked folder", async (at) => cp((await scratch()).path, at, { recursive: true }), /no mark/],
    ["a marked folder that was renamed", async (at) => rename((await scratch()).path, at), /no mark/],
    ["a home", (at) => mkdir(at).then(() => writeMark(at, { product: "filemill", kind: "home" }, false)), /'home' stays/],
    ["what was built", (at) => mkdir(at).then(() => writeMark(at, { product: "filemill", kind: "build" }, false)), /'build' stays/],
  ];
  async function markedBy(at: string, mark: (file: string) => Promise<unknown>): Promise<void> {
    await mkdir(at);
    await mark(path.join(at, MARK_FILE));
  }
  test.each(cases)("%s", async (_name, make, why) => {
    const at = path.join(root, "it");
    await make(at);
    const before = await snapshot(root);
    const removal = removeOwnedFolder(at);
    await expect(removal).rejects.toThrow(NotOwnedError);
    await expect(removal).rejects.toThrow(why);
    await expect(removal).rejects.toThrow(`'${at}' is not removed`);
    expect(await snapshot(root)).toEqual(before);
  });

  test("a marked folder that a link above it leads to", async () => {
    await mkdir(path.join(root, "elsewhere"));
    const folder = await scratch(path.join(root, "elsewhere"));
    await symlink("elsewhere", path.join(root, "runs"));
    const before = await snapshot(root);
    await expect(removeOwnedFolder(path.join(root, "runs", path.basename(folder.path)))).rejects.toThrow(/a link on the way leads to/);
    expect(await snapshot(root)).toEqual(before);
  });

  test("a folder that a link has taken the place of since it was made", async () => {
    const folder = await scratch();
    await mkdir(path.join(root, "mine"));
    await rename(folder.path, path.join(root, "aside"));
    await symlink("mine", folder.path);
    const before = await snapshot(root);
    await expect(folder.remove()).rejects.toThrow(NotOwnedError);
    expect(await snapshot(root)).toEqual(before);
  });
});

describe("single files", () => {
  test("of a marked folder go, also of one that itself stays; whatever is outside, or behind a link, doesn't", async () => {
    const home = path.join(root, "home");
    await mkdir(path.join(home, "sub"), { recursive: true });
    await writeFile(path.join(root, "precious"), "x");
    await writeFile(path.join(home, "up.json"), "x");
    await writeFile(path.join(home, "sub/inner"), "x");
    await symlink("..", path.join(home, "out"));
    await expect(removeFileIn(home, "up.json")).rejects.toThrow(/has no mark/);
    await writeMark(home, { product: "filemill", kind: "home" }, false);
    await expect(removeFileIn(home, "../precious")).rejects.toThrow(/it is not in/);
    await expect(removeFileIn(home, "out/precious")).rejects.toThrow(NotOwnedError);
    await expect(removeFileIn(home, "sub/../../precious")).rejects.toThrow(NotOwnedError);
    for (const name of ["up.json", "up.json", "sub/inner", "absent", "absent/file"]) await removeFileIn(home, name);
    expect(Object.keys(await snapshot(root))).toEqual(["", "home", `home/${MARK_FILE}`, "home/out", "home/sub", "precious"]);
  });

  test("that this process made go, unless another has taken their place", async () => {
    const [mine, taken] = await Promise.all([CreatedFile.create(path.join(root, "mine")), CreatedFile.create(path.join(root, "taken"))]);
    await expect(CreatedFile.create(path.join(root, "mine"))).rejects.toMatchObject({ code: "EEXIST" });
    await writeFile(path.join(root, "user"), "precious");
    await rename(path.join(root, "user"), path.join(root, "taken"));
    await mine.discard();
    await mine.discard();
    await taken.discard();
    expect(await readdir(root)).toEqual(["taken"]);
    expect(await readFile(path.join(root, "taken"), "utf8")).toBe("precious");
  });

  test("a made file is published in one step, over what was there and never through a link", async () => {
    await writeFile(path.join(root, "target"), "precious");
    await symlink("target", path.join(root, "result"));
    const file = await CreatedFile.create(path.join(root, "aside"));
    await file.write(["wh", "ole"]);
    await file.publish(path.join(root, "result"));
    await file.discard();
    expect(await readFile(path.join(root, "result"), "utf8")).toBe("whole");
    expect(await readFile(path.join(root, "target"), "utf8")).toBe("precious");
  });

  test("an empty folder goes, one with something in it stays", async () => {
    await mkdir(path.join(root, "empty"));
    await mkdir(path.join(root, "full/inner"), { recursive: true });
    expect(await removeFolderIfEmpty(path.join(root, "empty"))).toBe(true);
    expect(await removeFolderIfEmpty(path.join(root, "empty"))).toBe(true);
    expect(await removeFolderIfEmpty(path.join(root, "full"))).toBe(false);
    expect(await readdir(root)).toEqual(["full"]);
  });
});

test("property: of random trees with links, circles and files of others, a removal takes the marked folder and changes nothing else", async () => {
  await fc.assert(
    fc.asyncProperty(trees, trees, fc.boolean(), async (inside, outside, marked) => {
      const place = await mkdtemp(path.join(root, "place-"));
      await mkdir(path.join(place, "outside/deep"), { recursive: true });
      await writeTree(path.join(place, "outside/deep"), outside);
      await writeFile(path.join(place, "outside/precious.txt"), "precious");
      const folder = marked ? (await scratch(place)).path : path.join(place, "theirs");
      if (!marked) await mkdir(folder);
      await writeTree(folder, inside);
      // another name of a file outside: the name goes, the file stays
      await link(path.join(place, "outside/precious.txt"), path.join(folder, "hard link"));
      await chmod(path.join(place, "outside"), 0o755);
      const before = await snapshot(place);
      const name = path.basename(folder);
      const error: unknown = await removeOwnedFolder(folder).catch((caught: unknown) => caught);
      const isInside = (each: string): boolean => marked && (each === name || each.startsWith(`${name}/`));
      expect(await snapshot(place)).toEqual(Object.fromEntries(Object.entries(before).filter(([each]) => !isInside(each))));
      expect(error instanceof NotOwnedError).toBe(!marked);
    }),
    { numRuns: 200 },
  );
});
