import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { defaultCorpus } from "../../cli/default-corpus";
import { UsageError } from "../../cli/errors";
import { expandInputs, MAXIMUM_NAME_BYTES, sortByName } from "../../cli/inputs";
import { uploadPrefix } from "../../core/contracts/state-keys";

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
const namesOf = async (...paths: string[]): Promise<string[]> => (await expandInputs(paths, root)).map(({ name }) => name);

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
  expect(await expandInputs(["texts/über.txt"], root)).toEqual([{ name: "über.txt", path: path.join(root, "texts/über.txt"), size: 7 }]);
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
  await expectUsageError(expandInputs(["one", "two"], root), /'.*one\/a\.txt' and '.*two\/a\.txt'/);
});

test("links to files and folders are followed", async () => {
  await put("elsewhere/a.txt");
  await mkdir(path.join(root, "texts"));
  await symlink(path.join(root, "elsewhere"), path.join(root, "texts/folder"));
  await symlink(path.join(root, "elsewhere/a.txt"), path.join(root, "texts/file.txt"));
  expect(await namesOf("texts")).toEqual(["file.txt", "folder/a.txt"]);
});

describe("what can't be counted is refused and never left out silently", () => {
  test("no such path", () => expectUsageError(expandInputs(["nowhere"], root), /nowhere': no such file or folder/));
  test("an empty folder", async () => {
    await mkdir(path.join(root, "empty/er"), { recursive: true });
    await expectUsageError(expandInputs(["empty"], root), /no files in 'empty'/);
  });
  test("one empty folder among others", async () => {
    await put("texts/a.txt");
    await mkdir(path.join(root, "empty"));
    await expectUsageError(expandInputs(["texts", "empty"], root), /no files in 'empty'/);
  });
  test("a folder that links into itself", async () => {
    await put("texts/a.txt");
    await symlink(path.join(root, "texts"), path.join(root, "texts/again"));
    await expectUsageError(expandInputs(["texts"], root), /texts\/again' is a link into a folder that holds it/);
  });
  test("a link that leads to itself", async () => {
    await mkdir(path.join(root, "texts"));
    await symlink(path.join(root, "texts/loop"), path.join(root, "texts/loop"));
    await expectUsageError(expandInputs(["texts"], root), /leads to itself/);
  });
  test("a link that leads nowhere", async () => {
    await mkdir(path.join(root, "texts"));
    await symlink("gone", path.join(root, "texts/link"));
    await expectUsageError(expandInputs(["texts"], root), /texts\/link': no such file/);
  });
  test("a socket", async () => {
    await put("texts/a.txt");
    const server = createServer().listen(path.join(root, "texts/socket"));
    await once(server, "listening");
    try {
      await expectUsageError(expandInputs(["texts"], root), /texts\/socket' is neither a file nor a folder/);
    } finally {
      server.close();
      await once(server, "close");
    }
  });
  test("a name that is not UTF-8", async () => {
    await mkdir(path.join(root, "texts"));
    await writeFile(Buffer.concat([Buffer.from(path.join(root, "texts/")), Buffer.from([0xe4, 0x2e])]), "x");
    await expectUsageError(expandInputs(["texts"], root), /name is not UTF-8: bytes e42e/);
  });
  test("a name too long for a key", async () => {
    const segment = "n".repeat(200);
    const folder = path.join(...Array.from({ length: 5 }, () => segment));
    await put(path.join("texts", folder, "a.txt"));
    await expectUsageError(expandInputs(["texts"], root), /an S3 key leaves room for 989/);
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
    const files = await defaultCorpus(path.resolve(__dirname, "../.."));
    expect(files).toHaveLength(233);
    for (const { name, size } of files) {
      expect(name).toMatch(/^\d{4}_.*\.txt$/);
      expect(size).toBeGreaterThan(0);
    }
  });
  test("where they are missing it says how to get them", () => expectUsageError(defaultCorpus(root), /can't read '.*examples\/addresses'/));
});
