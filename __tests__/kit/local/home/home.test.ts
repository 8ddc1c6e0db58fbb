import { chmod, mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { MARK_FILE, readMark } from "../../../../kit/folders/mark";
import { HomeRefusedError } from "../../../../kit/local/errors";
import { examineHome, folderOfHome, homeAt, prepareHome } from "../../../../kit/local/home/home";
import { locateHome } from "../../../../kit/local/home/home-location";
import { snapshot } from "../../folders/support/tree";

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-home-")));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const named = (name: string) => ({ path: path.join(root, name), named: true });

describe("what FILEMILL_HOME names", () => {
  test("is a folder, from where the command runs; unset it is the project's .filemill", () => {
    expect(locateHome(undefined, "/project", "/work")).toEqual({ path: "/project/.filemill", named: false });
    expect(locateHome("other/home", "/project", "/work")).toEqual({ path: "/work/other/home", named: true });
    expect(locateHome("/other", "/project", "/work")).toEqual({ path: "/other", named: true });
    expect(homeAt("/project/.filemill", "/project")).toEqual({ path: "/project/.filemill", named: false });
    expect(homeAt("/other", "/project")).toEqual({ path: "/other", named: true });
  });

  test.each([
    ["", /^FILEMILL_HOME='' names no folder$/],
    [" \t", /^FILEMILL_HOME=' \t' names no folder$/],
    ["~/mill", /^FILEMILL_HOME='~\/mill': the shell leaves a '~' in quotes as it is$/],
  ])("'%s' is refused by name", (text, message) => {
    expect(() => locateHome(text, "/project", "/work")).toThrow(HomeRefusedError);
    expect(() => locateHome(text, "/project", "/work")).toThrow(message);
  });
});

describe("a home is refused by name, and nothing is touched, when it is", () => {
  const cases: [what: string, make: (at: string) => Promise<unknown>, message: RegExp][] = [
    ["a file", (at) => writeFile(at, "x"), /'.*\/it' is not a folder$/],
    [
      "below a file",
      async (at) => (await writeFile(path.dirname(at) + "/file", "x"), symlink("file/below", at)),
      /below something that is not a folder$/,
    ],
    ["a link to nothing", (at) => symlink("nowhere", at), /is a link to nothing$/],
    ["a link to itself", (at) => symlink("it", at), /can't be looked at: ELOOP/],
    ["a link to /", (at) => symlink("/", at), /\(which leads to '\/'\) can't be the home of the local run/],
    [
      "a link to a folder of somebody's",
      async (at) => (await mkdir(`${at}s`), await writeFile(`${at}s/mine`, ""), symlink(`${at}s`, at)),
      /leads to '.*\/its'\) is not empty/,
    ],
    [
      "a folder with a file",
      async (at) => (await mkdir(at), writeFile(path.join(at, "mine"), "")),
      /is not empty and has no mark of filemill's \(there is 'mine'\)/,
    ],
    [
      "a folder like ours, but of the user's",
      (at) => mkdir(path.join(at, "stacks/prod"), { recursive: true }),
      /is not empty .*\(there is 'stacks'\): it is left alone/,
    ],
    [
      "a folder with a mark of another kind",
      async (at) => (
        await mkdir(at),
        await writeFile(path.join(at, MARK_FILE), '{"product":"filemill","kind":"build"}'),
        writeFile(path.join(at, "x"), "")
      ),
      /is not empty/,
    ],
  ];
  test.each(cases)("%s", async (_what, make, message) => {
    await make(path.join(root, "it"));
    const before = await snapshot(root);
    for (const step of [examineHome, prepareHome]) {
      const refusal = step(named("it"));
      await expect(refusal).rejects.toThrow(HomeRefusedError);
      await expect(refusal).rejects.toThrow(message);
      await expect(refusal).rejects.toThrow(/^FILEMILL_HOME: /);
      await expect(refusal).rejects.toMatchObject({ fix: expect.stringContaining("FILEMILL_HOME") as string });
    }
    expect(await snapshot(root)).toEqual(before);
  });

  test.each(["/", homedir(), tmpdir()])("%s", async (folder) => {
    await expect(examineHome({ path: folder, named: true })).rejects.toThrow(/can't be the home of the local run: it is for other things$/);
  });

  test("a folder that can't be written", async () => {
    // root may write anywhere but into the kernel's own files
    const locked = process.getuid?.() === 0 ? "/proc/filemill-home" : path.join(root, "locked", "home");
    if (process.getuid?.() !== 0) {
      await mkdir(path.dirname(locked));
      await chmod(path.dirname(locked), 0o500);
    }
    await expect(prepareHome({ path: locked, named: true })).rejects.toThrow(locked);
  });
});

describe("a home is made and marked", () => {
  test("when it is absent, or there and empty; a second time it is found", async () => {
    await mkdir(path.join(root, "empty"));
    for (const name of ["deep/absent", "empty"]) {
      expect(await prepareHome(named(name))).toBe(path.join(root, name));
      expect(await readMark(path.join(root, name))).toEqual({ product: "filemill", kind: "home" });
      expect(await readdir(path.join(root, name))).toEqual([MARK_FILE]);
      await writeFile(path.join(root, name, "anything"), "");
      expect(await prepareHome(named(name))).toBe(path.join(root, name));
    }
    expect((await snapshot(path.join(root, "deep/absent")))[""]).toBe("folder 700");
  });

  test("for its user alone, and through a link that leads to it by its real path", async () => {
    await prepareHome(named("home"));
    await symlink("home", path.join(root, "link"));
    expect(await prepareHome(named("link"))).toBe(path.join(root, "home"));
  });

  test("once, however many start at the same time", async () => {
    const starts = Array.from({ length: 8 }, async () => {
      const home = await prepareHome(named("home"));
      await folderOfHome(home, "runs");
      return home;
    });
    expect(new Set(await Promise.all(starts))).toEqual(new Set([path.join(root, "home")]));
    expect((await readdir(path.join(root, "home"))).toSorted()).toEqual([MARK_FILE, "runs"]);
  });

  test("the project's own of a version without marks is taken over, and nothing in it is removed; one with anything else is refused", async () => {
    const location = homeAt(path.join(root, ".filemill"), root);
    for (const folder of ["venv-0123456789ab-42-abcdef/bin", "stacks/42-abcdef01", "runs/run-abcdef", "up/synth", "test-homes/x"]) {
      await mkdir(path.join(root, ".filemill", folder), { recursive: true });
    }
    await symlink("venv-0123456789ab-42-abcdef", path.join(root, ".filemill/venv-0123456789ab"));
    const before = await snapshot(root);
    await mkdir(path.join(root, ".filemill/mine"));
    await expect(prepareHome(location)).rejects.toThrow(`'${root}/.filemill' is not empty and has no mark of filemill's (there is 'mine')`);
    await rm(path.join(root, ".filemill/mine"), { recursive: true });
    const said: string[] = [];
    for (let start = 0; start < 2; start += 1) await prepareHome(location, (line) => said.push(line));
    expect(said).toEqual([expect.stringMatching(/is of an earlier version; .*: runs\/run-abcdef, stacks\/42-abcdef01, up$/)]);
    expect(await snapshot(root)).toMatchObject(before);
    expect((await readMark(path.join(root, ".filemill")))?.kind).toBe("home");
  });
});

test("a folder of the home that is a link is not used: what is behind it is not the home's", async () => {
  const home = await prepareHome(named("home"));
  await mkdir(path.join(root, "elsewhere"));
  await symlink("../elsewhere", path.join(home, "stacks"));
  await expect(folderOfHome(home, "stacks")).rejects.toThrow(/home\/stacks' is a link, not a folder that filemill made/);
  expect(await readdir(path.join(root, "elsewhere"))).toEqual([]);
});
