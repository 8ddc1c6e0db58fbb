import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import path from "node:path";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import { Children } from "../../../kit/folders/support/children";
import { snapshot } from "../../../kit/folders/support/tree";
import { runCommand } from "../../../support/command";
import { Harness } from "./harness";

/** The whole command as users start it, from a folder with things of theirs; what is refused starts nothing, so it takes a moment each. */
describe("FILEMILL_HOME that names what is not the product's: exit code 2 by name, and everything stays as it is", () => {
  let place: string;
  beforeEach(async () => {
    place = await mkdtemp(path.join(tmpdir(), "filemill-odd-"));
    await mkdir(path.join(place, "theirs/stacks/prod"), { recursive: true });
    await mkdir(path.join(place, "theirs/up"));
    await writeFile(path.join(place, "theirs/stacks/prod/main.tf"), "precious");
    await writeFile(path.join(place, "theirs/up/photo.txt"), "precious");
    await writeFile(path.join(place, "file"), "words");
    await symlink("theirs", path.join(place, "link"));
  });
  afterEach(() => rm(place, { recursive: true, force: true }));

  const VERBS = [["local", "down"], ["local", "run", "file"], ["local", "up"], ["local", "status"], ["status"], ["submit", "file"]];
  test.each([
    ["empty", "", "FILEMILL_HOME='' names no folder"],
    ["blank", "  ", "FILEMILL_HOME='  ' names no folder"],
    ["a folder of the user's", "theirs", "FILEMILL_HOME: '"],
    ["a link to it", "link", "FILEMILL_HOME: '"],
    ["a file", "file", "is not a folder"],
    ["a quoted ~", "~/mill", "FILEMILL_HOME='~/mill': the shell leaves a '~' in quotes as it is"],
    ["the root", "/", "FILEMILL_HOME: '/' can't be the home"],
    ["the user's home", homedir(), "FILEMILL_HOME: '"],
  ])("%s", async (_what, home, message) => {
    const before = await snapshot(place);
    // one place looks at the home for all verbs: all of them are tried where most is at stake
    const verbs = ["", "theirs"].includes(home) ? VERBS : VERBS.slice(0, 1);
    const runs = await Promise.all(verbs.map((verb) => runCommand(home, verb, place)));
    for (const [index, { exitCode, stdout, stderr }] of runs.entries()) {
      expect({ verb: verbs[index], exitCode, stdout }).toEqual({ verb: verbs[index], exitCode: 2, stdout: "" });
      expect(stderr).toMatch(/^error: [^\n]+\nfix: [^\n]+\n$/);
      expect(stderr).toContain(message);
    }
    expect(await snapshot(place)).toEqual(before);
  });
});

describe("the folder for temporary files", () => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await Harness.make();
    await writeFile(path.join(harness.directory, "a.txt"), "words");
    await mkdir(path.join(harness.directory, "temporary"));
  });
  afterEach(() => rm(harness.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 }));

  const USERS = [
    ["files", "latest", "--json"],
    ["local", "run", "a.txt", "--via", "upload"],
    ["submit", "a.txt", "--via", "upload", "--watch"],
    ["verify", "latest"],
  ];
  test.each([
    ["empty", "", "TMPDIR='' names no folder"],
    ["relative", "temporary", "TMPDIR='temporary' is not a whole path"],
    ["missing", "/nonexistent/tmp", "TMPDIR='/nonexistent/tmp' doesn't exist"],
    ["a file", "/etc/passwd", "TMPDIR='/etc/passwd' is not a folder"],
    ["one that takes no files", "/proc", "TMPDIR='/proc' can't be written"],
  ])("that is %s is refused by name before anything starts, by the verbs that need one", async (_what, folder, message) => {
    harness.variables = { TMPDIR: folder };
    for (const verb of USERS) {
      const { exitCode, stderr } = await harness.run(...verb);
      expect({ verb, exitCode }).toEqual({ verb, exitCode: 2 });
      expect(stderr).toContain(message);
      expect(stderr).toMatch(/\nfix: name a folder that can be written with TMPDIR, or unset it\n$/);
    }
    expect(harness.events).toEqual([]);
    // nothing of it goes there
    expect((await harness.run("local", "run", "a.txt")).exitCode).toBe(0);
  });

  test("keeps nothing, and what a killed command left in it goes with the next", async () => {
    const temporary = path.join(harness.directory, "temporary");
    const children = new Children();
    const owner = await children.dead();
    await OwnedFolder.create(temporary, { kind: "temporary", prefix: `filemill-${owner.pid}-`, owner });
    await writeFile(path.join(temporary, "filemill-of-others"), "precious");
    harness.variables = { TMPDIR: temporary };
    expect((await harness.run("local", "run", "a.txt", "--via", "upload")).exitCode).toBe(0);
    expect(await readdir(temporary)).toEqual(["filemill-of-others"]);
  });

  test("where the disk is full is named", async () => {
    const temporary = path.join(harness.directory, "temporary");
    harness.variables = { TMPDIR: temporary };
    const get = harness.objects.get.bind(harness.objects);
    harness.objects.get = (bucket, key, options) =>
      bucket === "state" ? Promise.reject(Object.assign(new Error("ENOSPC: write"), { code: "ENOSPC" })) : get(bucket, key, options);
    const { exitCode, stderr } = await harness.run("local", "run", "a.txt", "--via", "upload");
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `error: can't write temporary files to '${temporary}': the disk is full\nfix: make room on it, or name another folder with TMPDIR\n`,
    );
    expect(await readdir(temporary)).toEqual([]);
  });
});

describe("--out that names no folder exits with 2 and starts nothing", () => {
  test.each([
    ["empty", "", /'--out <folder>' argument '' is invalid. it names no folder/],
    ["blank", " ", /'--out <folder>' argument ' ' is invalid. it names no folder/],
    ["a quoted ~", "~/out", /the shell leaves a '~' in quotes as it is/],
    ["a file", "a.txt", /a\.txt' is not a folder/],
    ["below a file", "a.txt/out", /a\.txt\/out' is not a folder/],
    ["a link to nothing", "dangling/out", /dangling' is a link to nothing/],
  ])("%s", async (_what, out, message) => {
    const harness = await Harness.make();
    await writeFile(path.join(harness.directory, "a.txt"), "words");
    await symlink("nowhere", path.join(harness.directory, "dangling"));
    const before = await snapshot(harness.directory);
    for (const verb of [
      ["local", "run", "a.txt"],
      ["submit", "a.txt", "--watch"],
      ["results", "latest"],
    ]) {
      const { exitCode, stderr, stdout } = await harness.run(...verb, "--out", out);
      expect({ verb, exitCode, stdout }).toEqual({ verb, exitCode: 2, stdout: "" });
      expect(stderr).toMatch(message);
    }
    expect(harness.events).toEqual([]);
    expect(await snapshot(harness.directory)).toEqual(before);
    await rm(harness.directory, { recursive: true });
  });
});
