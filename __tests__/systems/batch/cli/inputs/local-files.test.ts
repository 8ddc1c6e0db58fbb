import { link, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { defaultCorpus } from "../../../../../systems/batch/cli/default-corpus";
import { UsageError } from "../../../../../kit/cli/command-errors";
import { DEFAULT_EXCLUDES } from "../../../../../systems/batch/cli/inputs/default-excludes";
import { sortByName } from "../../../../../kit/lib/sort-by-name";
import { MAXIMUM_NAME_BYTES } from "../../../../../systems/batch/cli/inputs/file-names";
import {
  findLocalFiles,
  refuseProblems,
  type LocalFiles,
  type LocalFilesOptions,
} from "../../../../../systems/batch/cli/inputs/local-files";
import type { NameFilter } from "../../../../../systems/batch/contracts/batch";
import { uploadPrefix } from "../../../../../systems/batch/contracts/state-keys";
import { PROJECT } from "../../../../support/project";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "inputs-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

async function put(name: string, content = "x"): Promise<void> {
  const file = path.join(root, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
const find = (paths: readonly string[], options: Partial<LocalFilesOptions> = {}): Promise<LocalFiles> =>
  findLocalFiles(paths, { workingDirectory: root, defaultExcludes: true, apart: [], ...options });
/** Of what is found without a problem. */
async function namesOf(...paths: string[]): Promise<string[]> {
  const { files, problems } = await find(paths);
  refuseProblems(problems);
  return files.map(({ name }) => name);
}
const refused = async (...paths: string[]): Promise<void> => {
  refuseProblems((await find(paths)).problems);
};

async function expectUsageError(work: Promise<unknown>, message: RegExp): Promise<void> {
  await expect(work).rejects.toThrow(UsageError);
  await expect(work).rejects.toThrow(message);
  await expect(work).rejects.toHaveProperty("fix", expect.stringMatching(/\w/));
}

test("names are relative to the folder given, with slashes, in S3's key order", async () => {
  for (const name of [
    "texts/b.txt",
    "texts/sub/deep/a.txt",
    "texts/.hidden",
    "texts/Z.txt",
    "texts/ä.txt",
    "texts/𝔞.txt",
    "texts/\uffee.txt",
  ])
    await put(name);
  // by UTF-8 bytes: U+FFEE before U+1D51E, unlike a comparison of UTF-16 units
  expect(await namesOf("texts")).toEqual([".hidden", "Z.txt", "b.txt", "sub/deep/a.txt", "ä.txt", "\uffee.txt", "𝔞.txt"]);
});

test("a file is named by its base name, and sizes are in bytes", async () => {
  await put("texts/über.txt", "größe");
  expect((await find(["texts/über.txt"])).files).toEqual([{ name: "über.txt", path: path.join(root, "texts/über.txt"), size: 7 }]);
});

test("odd names are kept as they are", async () => {
  const odd = [
    "a b.txt",
    "a+b%20c.txt",
    "new\nline.txt",
    "tab\t.txt",
    "back\\slash.txt",
    "quote'\".txt",
    "\u001b[31mred.txt",
    "-n",
    "a\u2028b",
    "..txt",
  ];
  for (const name of odd) await put(`texts/${name}`);
  expect(await namesOf("texts")).toEqual(sortByName(odd.map((name) => ({ name }))).map(({ name }) => name));
});

test("several paths make one set of files", async () => {
  await put("one/a.txt");
  await put("two/b.txt");
  await put("c.txt");
  expect(await namesOf("two", "one", "c.txt")).toEqual(["a.txt", "b.txt", "c.txt"]);
});

test("two files of the same name are refused, naming both", async () => {
  await put("one/a.txt");
  await put("two/a.txt");
  await expectUsageError(refused("one", "two"), /'.*one\/a\.txt' and '.*two\/a\.txt'/);
});

test("links to files and folders are followed", async () => {
  await put("elsewhere/a.txt");
  await put("other.txt");
  await mkdir(path.join(root, "texts"));
  await symlink(path.join(root, "elsewhere"), path.join(root, "texts/folder"));
  await symlink(path.join(root, "other.txt"), path.join(root, "texts/file.txt"));
  expect(await namesOf("texts")).toEqual(["file.txt", "folder/a.txt"]);
});

test("a path upwards from a link leads above what the link leads to", async () => {
  await put("deep/er/texts/a.txt");
  await put("deep/er/b.txt");
  await put("c.txt");
  await symlink("deep/er/texts", path.join(root, "link"));
  expect(await namesOf("link/..")).toEqual(["b.txt", "texts/a.txt"]);
  expect(await namesOf("link/../b.txt")).toEqual(["b.txt"]);
  await expectUsageError(refused("link/../c.txt"), /'link\/..\/c.txt': no such file/);
});

describe("each file counts once, whatever leads to it", () => {
  const expectNames = async (paths: string[], names: string[], otherNames: number): Promise<void> => {
    const found = await find(paths);
    expect({ names: found.files.map(({ name }) => name), otherNames: found.otherNames, problems: found.problems }).toEqual({
      names,
      otherNames,
      problems: [],
    });
  };
  beforeEach(() => put("texts/sub/b.txt"));

  test("a path and one below it: the first names it", async () => {
    await put("texts/a.txt");
    await expectNames(["texts/sub", "texts"], ["a.txt", "b.txt"], 1);
    await expectNames(["texts", "texts/sub", "texts/a.txt"], ["a.txt", "sub/b.txt"], 2);
  });
  test("a real name goes before a link, one link before two, hard links by name", async () => {
    await symlink("sub/b.txt", path.join(root, "texts/a-link"));
    await expectNames(["texts"], ["sub/b.txt"], 1);
    await put("elsewhere/x.txt");
    await symlink("../elsewhere", path.join(root, "texts/a-folder"));
    await symlink("../elsewhere/x.txt", path.join(root, "texts/z-file"));
    await symlink("x.txt", path.join(root, "elsewhere/another"));
    await expectNames(["texts"], ["a-folder/x.txt", "sub/b.txt"], 3);
    await link(path.join(root, "texts/sub/b.txt"), path.join(root, "texts/sub-hard"));
    await expectNames(["texts"], ["a-folder/x.txt", "sub-hard"], 4);
  });
  test("links that lead back into a folder above them add nothing", async () => {
    await symlink("..", path.join(root, "texts/sub/up"));
    await symlink(path.join(root, "texts"), path.join(root, "texts/again"));
    await expectNames(["texts"], ["sub/b.txt"], 2);
  });
  test("folders that link to each other many times are walked once", async () => {
    for (let level = 0; level < 40; level += 1) {
      await put(`deep/${level}/x`);
      for (const name of ["a", "b"]) await symlink(`../${level + 1}`, path.join(root, `deep/${level}`, name));
    }
    await put("deep/40/x");
    expect((await find(["deep/0"])).files).toHaveLength(41);
  });
});

describe("what is left out is told", () => {
  test("what is nobody's input, by its name, at any depth; and can be taken in", async () => {
    for (const name of DEFAULT_EXCLUDES) await put(`texts/sub/${name}`);
    await put("texts/a.txt");
    const found = await find(["texts"]);
    expect(found.files.map(({ name }) => name)).toEqual(["a.txt"]);
    expect([...found.leftOut].toSorted()).toEqual([...DEFAULT_EXCLUDES].map((name) => [name, 1]).toSorted());
    expect((await find(["texts"], { defaultExcludes: false })).files).toHaveLength(DEFAULT_EXCLUDES.size + 1);
  });
  test("folders apart never are input, whatever leads there", async () => {
    await put("texts/results/a.txt");
    await put("texts/b.txt");
    await symlink("results", path.join(root, "texts/link"));
    const apart = [path.join(root, "texts/results"), path.join(root, "nowhere")];
    const found = await find(["texts"], { apart, defaultExcludes: false });
    expect(found.files.map(({ name }) => name)).toEqual(["b.txt"]);
    expect(found.leftOut).toEqual(new Map([[apart[0], 2]]));
    await expectUsageError(find(["texts/results"], { apart }), /no files in 'texts\/results' but what is left out/);
  });
  test("what a pattern leaves out is no problem either, and doesn't count under another name", async () => {
    await put("texts/a.txt");
    await put("texts/drafts/b.txt");
    await symlink("gone", path.join(root, "texts/drafts/broken"));
    await symlink("drafts/b.txt", path.join(root, "texts/c.txt"));
    const found = await find(["texts"], { filter: { include: [], exclude: ["drafts/"] } });
    expect(found).toMatchObject({ files: [{ name: "a.txt" }], problems: [], filteredOut: 1, otherNames: 1 });
  });
});

test("everything that can't be taken is listed at once", async () => {
  await put("texts/a.txt");
  for (const name of ["one", "two"]) await symlink("gone", path.join(root, "texts", name));
  await symlink("loop", path.join(root, "texts/loop"));
  const { files, problems } = await find(["texts"]);
  expect(files.map(({ name }) => name)).toEqual(["a.txt"]);
  expect(() => {
    refuseProblems(problems);
  }).toThrow(/^3 things of the input can't be taken:\n'.*loop': a link that leads to itself\n'.*one': .*nowhere\n'.*two': .*nowhere$/);
});

describe("what can't be taken is refused and never left out silently", () => {
  test("no such path", () => expectUsageError(refused("nowhere"), /nowhere': no such file or folder/));
  test("an empty folder", async () => {
    await mkdir(path.join(root, "empty/er"), { recursive: true });
    await expectUsageError(refused("empty"), /no files in 'empty'/);
  });
  test("one empty folder among others", async () => {
    await put("texts/a.txt");
    await mkdir(path.join(root, "empty"));
    await expectUsageError(refused("texts", "empty"), /no files in 'empty'/);
  });
  test("an empty folder that others lead to, or that links to itself", async () => {
    await put("texts/a.txt");
    await mkdir(path.join(root, "empty"));
    await symlink("../empty", path.join(root, "texts/link"));
    await symlink(".", path.join(root, "empty/again"));
    await expectUsageError(refused("empty", "texts"), /no files in 'empty'/);
    await expectUsageError(refused("texts", "empty"), /no files in 'empty'/);
  });
  test("a folder whose name can't be read, whatever patterns say of files", async () => {
    await put("texts/a.txt");
    await mkdir(Buffer.concat([Buffer.from(path.join(root, "texts/")), Buffer.from([0xe4])]));
    const problemsWith = async (filter: NameFilter): Promise<number> => (await find(["texts"], { filter })).problems.length;
    expect(await problemsWith({ include: ["*.txt"], exclude: [] })).toBe(1);
    // what it may hold is not all of such a name
    expect(await problemsWith({ include: [], exclude: ["?", "*.9"] })).toBe(1);
    expect(await problemsWith({ include: [], exclude: ["*"] })).toBe(0);
  });
  test("a path through a file", async () => {
    await put("texts/a.txt");
    await expectUsageError(refused("texts/a.txt/../a.txt"), /not a folder/);
  });
  test("a link that leads to itself", async () => {
    await mkdir(path.join(root, "texts"));
    await symlink(path.join(root, "texts/loop"), path.join(root, "texts/loop"));
    await expectUsageError(refused("texts"), /leads to itself/);
  });
  test("a link that leads nowhere", async () => {
    await mkdir(path.join(root, "texts"));
    await symlink("gone", path.join(root, "texts/link"));
    await expectUsageError(refused("texts"), /texts\/link': a link that leads nowhere/);
  });
  test("a socket", async () => {
    await put("texts/a.txt");
    const server = createServer().listen(path.join(root, "texts/socket"));
    await once(server, "listening");
    try {
      await expectUsageError(refused("texts"), /texts\/socket': neither a file nor a folder/);
    } finally {
      server.close();
      await once(server, "close");
    }
  });
  test("a name that is not UTF-8", async () => {
    await mkdir(path.join(root, "texts"));
    await writeFile(Buffer.concat([Buffer.from(path.join(root, "texts/")), Buffer.from([0xe4, 0x2e])]), "x");
    await expectUsageError(refused("texts"), /name is not UTF-8 \(bytes e42e\)/);
  });
  test("a name too long for a key", async () => {
    const segment = "n".repeat(200);
    const folder = path.join(...Array.from({ length: 5 }, () => segment));
    await put(path.join("texts", folder, "a.txt"));
    await expectUsageError(refused("texts"), /an S3 key leaves room for 989/);
  });
});

test("the longest name fits a key of 1,024 bytes", () => {
  expect(uploadPrefix("0".repeat(26)).length + MAXIMUM_NAME_BYTES).toBe(1_024);
});

test("sorting is by UTF-8 bytes and keeps every item", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "grapheme" })), (names) => {
      const sorted = sortByName(names.map((name) => ({ name })));
      expect(sorted).toHaveLength(names.length);
      sorted.slice(1).forEach(({ name }, index) => {
        expect(Buffer.compare(Buffer.from(sorted[index]?.name ?? ""), Buffer.from(name))).toBeLessThanOrEqual(0);
      });
    }),
  );
});

describe("the default corpus", () => {
  test("is the 233 texts that come along with the project", async () => {
    const files = await defaultCorpus(PROJECT);
    expect(files).toHaveLength(233);
    for (const { name, size } of files) {
      expect(name).toMatch(/^\d{4}_.*\.txt$/);
      expect(size).toBeGreaterThan(0);
    }
  });
  test("where they are missing it says how to get them", () => expectUsageError(defaultCorpus(root), /can't read '.*examples\/addresses'/));
});
