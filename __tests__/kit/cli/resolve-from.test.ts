import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { resolveFrom } from "../../../kit/cli/resolve-from";

describe("a path that somebody has written", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await realpath(await mkdtemp(path.join(tmpdir(), "filemill-resolve-")));
    await mkdir(path.join(folder, "elsewhere", "deep"), { recursive: true });
    await mkdir(path.join(folder, "here"));
    await symlink(path.join(folder, "elsewhere", "deep"), path.join(folder, "here", "link"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  test.each([
    ["out", "here/out"],
    ["./out/", "here/out"],
    ["..", "."],
    ["../there", "there"],
    ["link", "here/link"],
    ["link/out", "here/link/out"],
    // above the link's target, as mkdir and cat have it
    ["link/..", "elsewhere"],
    ["link/../out", "elsewhere/out"],
    ["link/../../out", "out"],
    // what isn't there yet is made
    ["missing/../out", "here/out"],
  ])("%s below here/ is %s", (given, expected) => {
    expect(resolveFrom(path.join(folder, "here"), given)).toBe(path.join(folder, expected));
    expect(resolveFrom("/", path.join(folder, "here") + path.sep + given)).toBe(path.join(folder, expected));
  });
});
