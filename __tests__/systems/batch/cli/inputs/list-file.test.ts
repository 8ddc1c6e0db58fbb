import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { UsageError } from "../../../../../kit/cli/command-errors";
import { readFileList, type FileList } from "../../../../../systems/batch/cli/inputs/list-file";
import { findLocalFiles, type LocalFiles } from "../../../../../systems/batch/cli/inputs/local-files";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "lists-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

/** Reads a list from standard input, in pieces of an odd size. */
function read(list: string | Buffer, isNull = false): Promise<FileList> {
  const bytes = Buffer.from(list);
  function* pieces(): Generator<Uint8Array> {
    for (let start = 0; start < bytes.length; start += 7) yield bytes.subarray(start, start + 7);
  }
  // eslint-disable-next-line @typescript-eslint/require-await
  async function* standardInput(): AsyncGenerator<Uint8Array> {
    yield* pieces();
  }
  return readFileList("-", isNull, { workingDirectory: root, standardInput });
}
const pathsOf = async (list: string | Buffer, isNull = false): Promise<string[]> =>
  (await read(list, isNull)).paths.map(({ given }) => given);

test("S1.35: a list's lines are paths; blank lines and comments are none, and comments are counted", async () => {
  const { comments, paths } = await read("\ufeffa.txt\r\n\n  \n# a comment\n; another\n./#name\n folder/b c.txt \nlast");
  expect(paths).toEqual([
    { given: "a.txt", where: "standard input, line 1" },
    { given: "./#name", where: "standard input, line 6" },
    { given: " folder/b c.txt ", where: "standard input, line 7" },
    { given: "last", where: "standard input, line 8" },
  ]);
  expect(comments).toBe(2);
});

test("with a NUL in it, or when told, everything but NULs is part of a path", async () => {
  expect(await pathsOf("#a\n\0b\r\n\0; c\0")).toEqual(["#a\n", "b\r\n", "; c"]);
  expect(await pathsOf("a\nb", true)).toEqual(["a\nb"]);
});

test("every list of names that a file system can hold comes back as it was, in the form that fits it", async () => {
  const name = fc.string({ unit: "binary", minLength: 1, maxLength: 20 }).filter((text) => !text.includes("\0"));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 1, maxLength: 20 }), async (names) => {
      expect(await pathsOf(names.map((each) => `./${each}\0`).join(""))).toEqual(names.map((each) => `./${each}`));
      const lines = ["one", ...names.filter((each) => !/[\r\n]/.test(each))];
      expect(await pathsOf(lines.map((each) => `./${each}\n`).join(""))).toEqual(lines.map((each) => `./${each}`));
    }),
    { numRuns: 200 },
  );
});

test.each([
  ["nothing", "", /the list 'standard input' names no file/],
  ["comments only", "# a\n\n", /names no file/],
  [
    "bytes that are no UTF-8, all of them at once",
    Buffer.from("ok\n\xff\nok\n\xfe", "latin1"),
    /line 2: not UTF-8 \(bytes ff\)\n.*line 4: .*fe/,
  ],
])("a list of %s is refused", async (_name, list, message) => {
  await expect(read(list)).rejects.toThrow(UsageError);
  await expect(read(list)).rejects.toThrow(message);
});

test("a list that isn't there is refused by its name", async () => {
  const places = { workingDirectory: root, standardInput: () => Promise.reject(new Error("not asked for")) as never };
  await expect(readFileList("gone.txt", false, places)).rejects.toThrow("'gone.txt': no such file or folder");
});

describe("files of lists", () => {
  const find = (...given: string[]): Promise<LocalFiles> =>
    findLocalFiles([], {
      workingDirectory: path.join(root, "work"),
      listed: given.map((each, index) => ({ given: each, where: `l, line ${index + 1}` })),
      defaultExcludes: true,
      apart: [],
    });
  beforeEach(async () => {
    for (const name of ["work/a/x.txt", "work/b/x.txt", "work/b/deep/y.txt", "elsewhere/z.txt"]) {
      await mkdir(path.dirname(path.join(root, name)), { recursive: true });
      await writeFile(path.join(root, name), "x");
    }
  });

  test("they keep the folders that they are written with, so that equal base names don't meet; each counts once", async () => {
    const { files, otherNames, problems } = await find(
      "a/x.txt",
      "./b/../b/x.txt",
      "b/",
      "../elsewhere/z.txt",
      path.join(root, "work/a/x.txt"),
    );
    expect(files.map(({ name }) => name)).toEqual(
      ["a/x.txt", "b/deep/y.txt", "b/x.txt", path.join(root, "elsewhere/z.txt").slice(1)].toSorted(),
    );
    expect({ otherNames, problems }).toEqual({ otherNames: 2, problems: [] });
  });

  test("all that isn't there is told with its line", async () => {
    const { files, problems } = await find("a/x.txt", "gone", "a/x.txt/y", "b/x.txt");
    expect(files).toHaveLength(2);
    expect(problems.toSorted((a, b) => (a.where ?? "").localeCompare(b.where ?? ""))).toEqual([
      { name: "gone", path: "gone", where: "l, line 2", words: "no such file or folder" },
      { name: "a/x.txt/y", path: "a/x.txt/y", where: "l, line 3", words: "a part of the path is not a folder" },
    ]);
  });

  test("a folder with nothing in it is refused with its line", async () => {
    await mkdir(path.join(root, "work/empty"));
    await expect(find("a", "empty")).rejects.toThrow("no files in 'empty' (l, line 2)");
  });
});
