import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { pack } from "tar-stream";
import { archiveFormat } from "../../../../kit/lib/archives/archive";
import { archiveMembers } from "../../../../kit/lib/archives/archive-members";
import { ArchiveLimitError, BrokenArchiveError } from "../../../../kit/lib/archives/errors";
import { ARCHIVE_LIMITS, type ArchiveLimits } from "../../../../kit/lib/archives/limits";
import { memberName } from "../../../../kit/lib/archives/member";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), "archives-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const at = (name: string): string => path.join(root, name);
/** Runs Python's own modules: another hand than ours made these archives. */
const python = (script: string, ...args: string[]): void => {
  execFileSync("python3", ["-c", script, ...args], { cwd: root });
};

/** Everything that an archive gives: names, kinds, what can't be read, and contents of what can. */
async function readAll(name: string, limits?: Partial<ArchiveLimits>): Promise<(readonly [name: string, content: string])[]> {
  const format = await archiveFormat(at(name));
  if (format === undefined) throw new Error(`${name} is no archive`);
  const found: (readonly [string, string])[] = [];
  for await (const member of archiveMembers({ path: at(name), format }, { ...ARCHIVE_LIMITS, ...limits })) {
    expect(member.position).toBe(found.length);
    const isRead = member.kind === "file" && member.unreadable === undefined;
    found.push([member.rawName, isRead ? (await buffer(member.content())).toString() : `${member.kind}: ${member.unreadable ?? ""}`]);
  }
  return found;
}

const ZIP = `
import sys, json, zipfile
entries = json.load(open(sys.argv[2]))
with zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED) as z:
    for name, text in entries:
        with z.open(name, "w", force_zip64=(len(sys.argv) > 3)) as f:
            f.write(text.encode())
`;
const TAR = `
import sys, json, tarfile, io
entries = json.load(open(sys.argv[2]))
with tarfile.open(sys.argv[1], sys.argv[3], format=int(sys.argv[4])) as t:
    for name, text in entries:
        info = tarfile.TarInfo(name); info.size = len(text.encode())
        t.addfile(info, io.BytesIO(text.encode()))
`;
type Entries = readonly (readonly [name: string, content: string])[];
async function make(name: string, script: string, entries: Entries, ...args: string[]): Promise<void> {
  await writeFile(at("entries.json"), JSON.stringify(entries));
  python(script, name, "entries.json", ...args);
}

const ENTRIES: Entries = [
  ["a.txt", "some words"],
  ["empty", ""],
  [`deep/${"long/".repeat(60)}größe μ.txt`, "x".repeat(300_000)],
  ["big.bin", "0123456789".repeat(200_000)],
];

describe("S1.120: members come in the archive's order with their contents", () => {
  test.each([
    ["a zip", "a.zip", ZIP, []],
    ["a zip in Zip64", "a.zip", ZIP, ["zip64"]],
    ["a tar of ustar and GNU", "a.tar", TAR, ["w", "1"]],
    ["a tar of POSIX", "a.tar", TAR, ["w", "2"]],
    ["a tar in gzip", "a.tar.gz", TAR, ["w:gz", "2"]],
    ["a tar in gzip that is named otherwise", "a.zip", TAR, ["w:gz", "2"]],
  ])("%s", async (_name, file, script, args) => {
    await make(file, script, ENTRIES, ...args);
    expect(await readAll(file)).toEqual(ENTRIES);
  });

  test("a member that isn't read is passed over", async () => {
    await make("a.tar", TAR, ENTRIES, "w", "2");
    const names: string[] = [];
    for await (const { rawName } of archiveMembers({ path: at("a.tar"), format: "tar" })) names.push(rawName);
    expect(names).toEqual(ENTRIES.map(([name]) => name));
  });

  test("any tree of names and contents that tar-stream packs", async () => {
    const name = fc.stringMatching(/^[a-zäμ𝔞 .]{1,40}$/u).filter((text) => !/^\.*$/.test(text));
    const entries = fc.uniqueArray(fc.tuple(name, fc.string({ maxLength: 2_000 })), { selector: ([each]) => each, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), async (packed, isGzip) => {
        const tar = pack();
        for (const [each, content] of packed) tar.entry({ name: each }, content);
        tar.finalize();
        const bytes = await buffer(tar);
        await writeFile(at("p.tar"), isGzip ? gzipSync(bytes) : bytes);
        expect(await readAll("p.tar")).toEqual(packed.map(([each, content]) => [each, Buffer.from(content).toString()]));
      }),
      { numRuns: 40 },
    );
  });
});

describe("what is no file is told as what it is", () => {
  test("links, folders, pipes and devices of a tar", async () => {
    await mkdir(at("d"));
    await writeFile(at("d/file"), "x");
    await symlink("/etc/passwd", at("d/link"));
    execFileSync("mkfifo", [at("d/pipe")]);
    execFileSync("ln", [at("d/file"), at("d/second")]);
    execFileSync("tar", ["--sort=name", "-cf", "a.tar", "d"], { cwd: root });
    python(
      `import tarfile
with tarfile.open("a.tar", "a") as t:
    i = tarfile.TarInfo("d/device"); i.type = tarfile.CHRTYPE; t.addfile(i)`,
    );
    expect(await readAll("a.tar")).toEqual([
      ["d/", "folder: "],
      ["d/file", "x"],
      ["d/link", "link: "],
      ["d/pipe", "other: "],
      ["d/second", "link: "],
      ["d/device", "other: "],
    ]);
  });

  test("a sparse file of GNU tar can't be read, in each of its forms", async () => {
    await writeFile(at("hole"), "x");
    await truncate(at("hole"), 1_048_576);
    for (const form of ["gnu", "posix"]) {
      execFileSync("tar", ["--sparse", `--format=${form}`, "-cf", "a.tar", "hole"], { cwd: root });
      expect(await readAll("a.tar")).toEqual([[expect.stringContaining("hole"), expect.stringMatching(/^other: |^file: a sparse file/)]]);
    }
  });

  test("links, folders and encrypted members of a zip, and methods that nobody reads here", async () => {
    python(`
import zipfile
with zipfile.ZipFile("a.zip", "w") as z:
    z.writestr("d/", "")
    l = zipfile.ZipInfo("link"); l.create_system = 3; l.external_attr = 0o120777 << 16; z.writestr(l, "/etc/passwd")
    z.writestr("secret", "x")
    z.writestr(zipfile.ZipInfo("packed"), "x" * 1000, compress_type=zipfile.ZIP_LZMA)
b = bytearray(open("a.zip", "rb").read())
for signature, flags, name in ((b"PK\\x03\\x04", 6, 30), (b"PK\\x01\\x02", 8, 46)):
    i = b.find(signature)
    while i >= 0:
        if b[i + name:].startswith(b"secret"): b[i + flags] |= 1
        i = b.find(signature, i + 1)
open("a.zip", "wb").write(b)`);
    // an encrypted member that is stored has twelve more bytes than its content: the directory must say so
    await expect(readAll("a.zip")).rejects.toThrow(/size mismatch/);
    python(`
b = bytearray(open("a.zip", "rb").read())
i = b.find(b"PK\\x01\\x02")
while not b[i + 46:].startswith(b"secret"): i = b.find(b"PK\\x01\\x02", i + 1)
b[i + 20] = 13
open("a.zip", "wb").write(b)`);
    expect(await readAll("a.zip")).toEqual([
      ["d/", "folder: "],
      ["link", "link: "],
      ["secret", "file: it is encrypted: unpack the archive with its password, and give the files"],
      ["packed", expect.stringMatching(/^file: it is packed by method 14, and only stored and deflated/)],
    ]);
  });

  test("a zip's names that say nothing of their encoding are UTF-8 where a Unix made them, else CP437", async () => {
    python(`
import zipfile
with zipfile.ZipFile("a.zip", "w") as z:
    for system in (3, 0):
        i = zipfile.ZipInfo("%dxx.txt" % system); i.create_system = system; z.writestr(i, "x")
b = open("a.zip", "rb").read()
open("a.zip", "wb").write(b.replace(b"3xx", b"3\\xc3\\xa4").replace(b"0xx", b"0\\xc3\\xa4"))`);
    expect((await readAll("a.zip")).map(([name]) => name)).toEqual(["3ä.txt", "0├ñ.txt"]);
  });
});

describe("archives that are broken end with their reason, wherever they are cut", () => {
  test.each(["a.zip", "a.tar", "a.tar.gz"])("%s", async (name) => {
    const entries = ENTRIES.slice(0, 3);
    await make(name, name === "a.zip" ? ZIP : TAR, entries, ...(name === "a.zip" ? [] : [name === "a.tar" ? "w" : "w:gz", "2"]));
    const whole = await readFile(at(name));
    // of a tar's two blocks of zeros, and what fills its last record, one block is enough
    const end = name === "a.tar" ? whole.length - 10_240 : whole.length - 1;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 512, max: end }), async (length) => {
        await writeFile(at("cut"), whole.subarray(0, length));
        await expect(readAll("cut")).rejects.toThrow(BrokenArchiveError);
      }),
      { numRuns: 60 },
    );
  });

  test("a tar that ends between two members", async () => {
    await make("a.tar", TAR, [["a", "x"]], "w", "2");
    await truncate(at("a.tar"), 1_024);
    await expect(readAll("a.tar")).rejects.toThrow("it has no end: it was cut off");
  });

  test("a zip whose content has another checksum", async () => {
    await make("a.zip", ZIP, [["a", "words"]]);
    const bytes = await readFile(at("a.zip"));
    const directory = bytes.indexOf("PK\u0001\u0002");
    bytes[directory + 16] = (bytes[directory + 16] ?? 0) ^ 1;
    await writeFile(at("a.zip"), bytes);
    await expect(readAll("a.zip")).rejects.toThrow("another checksum");
  });

  test("a gzip file that is no tar", async () => {
    await writeFile(at("a.tar.gz"), gzipSync("a text of words ".repeat(1_000)));
    await expect(readAll("a.tar.gz")).rejects.toThrow(BrokenArchiveError);
  });

  test("a file that isn't there is the system's error", async () => {
    await expect(archiveMembers({ path: at("gone"), format: "zip" }).next()).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("archives made to explode are given up", () => {
  const bomb: Partial<ArchiveLimits> = { freeBytes: 1_000_000 };
  test.each([
    ["a zip of zeros", "a.zip", ZIP, []],
    ["a tar of zeros", "a.tar.gz", TAR, ["w:gz", "2"]],
  ])("%s", async (_name, file, script, args) => {
    await make(file, script, [["zeros", "0".repeat(8_000_000)]], ...args);
    await expect(readAll(file, bomb)).rejects.toThrow(/its \d+ bytes unpack to more than 250 times as many/);
    await expect(readAll(file, { bytes: 7_999_999 })).rejects.toThrow("it unpacks to more than 7999999 bytes");
    await expect(readAll(file)).resolves.toHaveLength(1);
  });

  test("a zip whose members share their bytes", async () => {
    python(`
import zipfile, struct, zlib
data = zlib.compressobj(9, zlib.DEFLATED, -15); text = b"0" * 200000
packed = data.compress(text) + data.flush(); crc = zlib.crc32(text)
head = struct.pack("<IHHHHHIIIHH", 0x04034b50, 20, 0, 8, 0, 0, crc, len(packed), len(text), 1, 0) + b"a" + packed
entries = b"".join(struct.pack("<IHHHHHHIIIHHHHHII", 0x02014b50, 20, 20, 0, 8, 0, 0, crc, len(packed), len(text), 4, 0, 0, 0, 0, 0, 0) + b"%04d" % i for i in range(1000))
open("a.zip", "wb").write(head + entries + struct.pack("<IHHHHIIH", 0x06054b50, 0, 0, 1000, 1000, len(entries), len(head), 0))`);
    await expect(readAll("a.zip", bomb)).rejects.toThrow(ArchiveLimitError);
  });

  test("a tar of zeros behind its end, and one of too many members", async () => {
    await writeFile(at("a.tar.gz"), gzipSync(Buffer.alloc(10_000_000)));
    await expect(readAll("a.tar.gz", bomb)).rejects.toThrow(ArchiveLimitError);
    await make("m.tar", TAR, ENTRIES, "w", "2");
    await expect(readAll("m.tar", { members: 3 })).rejects.toThrow("it has more than 3 members");
  });
});

describe("names of members", () => {
  test.each([
    ["a.txt", { name: "a.txt" }],
    ["./a//b/./c", { name: "a/b/c" }],
    ["..a/b..", { name: "..a/b.." }],
    ["a\\b", { name: "a\\b" }],
    ["/etc/passwd", { problem: expect.stringContaining("absolute") as string }],
    ["C:/x", { problem: expect.stringContaining("absolute") as string }],
    ["../x", { problem: expect.stringContaining("leads out") as string }],
    ["a/../../x", { problem: expect.stringContaining("leads out") as string }],
    ["a/..", { problem: expect.stringContaining("leads out") as string }],
    ["./", { problem: expect.stringContaining("no name") as string }],
    ["a\ufffd", { problem: expect.stringContaining("UTF-8") as string }],
  ])("%j", (raw, expected) => {
    expect(memberName(raw)).toEqual(expected);
  });

  test("no name leads anywhere but below its archive", () => {
    const part = fc.constantFrom("", ".", "..", "a", "...", "b c", "C:");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const found = memberName(parts.join("/"));
        const name = "name" in found ? found.name : "fine";
        expect(path.posix.normalize(`top/${name}`)).toBe(`top/${name}`);
        expect(path.posix.resolve("/top", name).startsWith("/top/")).toBe(true);
      }),
    );
  });
});

test("a text is no archive, whatever it is called", async () => {
  await writeFile(at("notes.tar"), "words ".repeat(500));
  await writeFile(at("empty.zip"), "");
  expect([await archiveFormat(at("notes.tar")), await archiveFormat(at("empty.zip"))]).toEqual([undefined, undefined]);
});
