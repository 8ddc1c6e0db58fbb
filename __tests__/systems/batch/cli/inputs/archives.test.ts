import { execFileSync } from "node:child_process";
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { Harness } from "../harness";

let harness: Harness;
beforeEach(async () => {
  harness = await Harness.upWithTexts();
});
afterEach(async () => {
  await rm(harness.directory, { recursive: true, force: true });
});

const at = (name: string): string => path.join(harness.directory, name);
/** A folder of files; some are larger than what is held in memory. */
const CONTENTS: Readonly<Record<string, string>> = {
  "a.txt": "some words",
  "deep/größe.txt": "x",
  "deep/big.txt": "0123456789".repeat(120_000),
  "empty.txt": "",
  ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`many/${index}.txt`, `text ${index}`])),
};
async function pack(name: string): Promise<void> {
  for (const [file, content] of Object.entries(CONTENTS)) {
    await mkdir(path.dirname(at(`folder/${file}`)), { recursive: true });
    await writeFile(at(`folder/${file}`), content);
  }
  if (name.endsWith(".zip")) execFileSync("python3", ["-m", "zipfile", "-c", at(name), "."], { cwd: at("folder") });
  else execFileSync("tar", [name.endsWith("z") ? "-czf" : "-cf", at(name), "."], { cwd: at("folder") });
  await rm(at("folder"), { recursive: true });
}

/** What is stored of a submission, by the files' names. */
function stored(bucket = "uploading"): Record<string, string> {
  const keys = harness.objects.keys(bucket).filter((key) => /^(?:batches|uploads)\//.test(key));
  return Object.fromEntries(keys.map((key) => [key.split("/").slice(2).join("/"), harness.objects.text(bucket, key)]));
}
const expected = (archive: string): Record<string, string> =>
  Object.fromEntries(Object.entries(CONTENTS).map(([name, content]) => [`${archive}/${name}`, content]));

describe("S1.35, S1.120: each file of an archive is submitted", () => {
  test.each([
    ["s.zip", "batch"],
    ["s.tar", "batch"],
    ["s.tar.gz", "batch"],
    ["s.TGZ", "batch"],
    ["s.zip", "upload"],
    ["s.tar.gz", "upload"],
  ])("%s via %s", async (archive, via) => {
    harness.finishes = false;
    await pack(archive);
    const { exitCode, stderr } = await harness.run("submit", archive, "--via", via);
    expect(exitCode).toBe(0);
    expect(stderr).toContain(`1 archive opened, with ${Object.keys(CONTENTS).length} files; --keep-archives takes archives as they are\n`);
    expect(stored()).toEqual(expected(archive));
  });

  test("beside other files; patterns are about the members, and one that includes the archive includes them all", async () => {
    harness.finishes = false;
    await pack("texts/s.tar");
    const submitted = async (...args: string[]): Promise<string[]> => {
      for (const key of harness.objects.keys("uploading")) harness.objects.deleteObject("uploading", key);
      expect((await harness.run("submit", "texts", ...args)).exitCode).toBe(0);
      return Object.keys(stored());
    };
    expect(await submitted("--include", "*.txt", "--exclude", "many/")).toEqual(
      ["a.txt", ...Object.keys(expected("s.tar")).filter((name) => !name.includes("many/"))].toSorted(),
    );
    expect(await submitted("--include", "*.tar", "--exclude", "big*.txt")).toEqual(
      Object.keys(expected("s.tar"))
        .filter((name) => !name.includes("big"))
        .toSorted(),
    );
    expect(await submitted("--exclude", "*.tar")).toEqual(["a.txt", "b.bad"]);
    expect(await submitted("--keep-archives")).toEqual(["a.txt", "b.bad", "s.tar"]);
  });

  test.each(["s.zip", "s.tar.gz"])("%s whose upload broke off: what is missing is put again, and only that", async (archive) => {
    harness.finishes = false;
    await pack(archive);
    const putStream = harness.objects.putStream.bind(harness.objects);
    let puts = 0;
    harness.objects.putStream = async (...parts) => {
      puts += 1;
      if (puts === 20) throw new Error("the network is down");
      await putStream(...parts);
    };
    expect((await harness.run("submit", archive, "--request-id", "r")).exitCode).not.toBe(0);
    const before = Object.keys(stored()).length;
    expect(before).toBeGreaterThanOrEqual(10);
    puts = 100;
    expect((await harness.run("submit", archive, "--request-id", "r")).exitCode).toBe(0);
    expect({ stored: stored(), puts: puts - 100 }).toEqual({ stored: expected(archive), puts: Object.keys(CONTENTS).length - before });
  });
});

describe("what can't be submitted of archives is told before anything is", () => {
  const refusal = async (...args: string[]): Promise<string> => {
    const { exitCode, stderr } = await harness.run("submit", ...args);
    expect({ exitCode, batches: await harness.ledger.listBatches(1) }).toEqual({ exitCode: 2, batches: [] });
    return stderr;
  };

  test("members of each bad kind, all at once; --skip-unreadable goes on without them, and links are told", async () => {
    execFileSync(
      "python3",
      [
        "-c",
        `
import tarfile, io
with tarfile.open("s.tar", "w") as t:
    def add(name, type=tarfile.REGTYPE, link=""):
        i = tarfile.TarInfo(name); i.type = type; i.linkname = link; i.size = 1 if type == tarfile.REGTYPE else 0
        t.addfile(i, io.BytesIO(b"x"))
    for name in ("good.txt", "../up.txt", "/abs.txt", "twice.txt", "./twice.txt", "inner.zip", "d/.DS_Store", "__MACOSX/d"): add(name)
    add("link", tarfile.SYMTYPE, "/etc/passwd"); add("hard", tarfile.LNKTYPE, "good.txt"); add("dev", tarfile.CHRTYPE); add("dir", tarfile.DIRTYPE)
`,
      ],
      { cwd: harness.directory },
    );
    const stderr = await refusal("s.tar");
    expect(stderr).toMatch(/4 things of the input can't be taken:/);
    for (const line of [
      "..\\/up.txt': its name leads out",
      "\\/abs.txt': an absolute name",
      "s.tar\\/twice.txt': its archive has another",
      "dev': neither",
    ]) {
      expect(stderr).toMatch(new RegExp(line));
    }
    harness.finishes = false;
    const skipped = await harness.run("submit", "s.tar", "--skip-unreadable");
    expect(skipped.exitCode).toBe(3);
    expect(skipped.stderr).toContain("left out of archives: 2 links");
    expect(skipped.stderr).toContain("left out: .DS_Store, __MACOSX;");
    expect(skipped.stderr).toContain("1 archive in archives: taken as they are, not opened");
    expect(Object.keys(stored())).toEqual(["s.tar/good.txt", "s.tar/inner.zip", "s.tar/twice.txt"]);
  });

  test.each<[what: string, make: () => Promise<void>, message: RegExp]>([
    [
      "a broken archive",
      async () => pack("s.zip").then(() => truncate(at("s.zip"), 5_000)),
      /s\.zip': a broken archive: .*: get it again, or/,
    ],
    ["a text of that name", () => writeFile(at("s.zip"), "<html>"), /is named as an archive and is none: rename it, or .*--keep-archives/],
    [
      "a bomb",
      () => writeFile(at("s.zip"), gzipSync(Buffer.alloc(80 * 1_048_576))),
      /s\.zip': its \d+ bytes unpack to more than 250 times as many: pack what you need/,
    ],
    ["an empty archive", () => writeFile(at("s.zip"), Buffer.alloc(1_024)), /no file is left/],
  ])("%s", async (_what, make, message) => {
    await make();
    expect(await refusal("s.zip")).toMatch(message);
  });

  test("an archive that changes between being looked at and being uploaded leaves nothing started", async () => {
    await pack("s.tar");
    const putStream = harness.objects.putStream.bind(harness.objects);
    const whole = await readFile(at("s.tar"));
    harness.objects.putStream = async (...parts) => {
      await writeFile(at("s.tar"), whole.subarray(0, 20_000));
      await putStream(...parts);
    };
    const { exitCode, stderr } = await harness.run("submit", "s.tar");
    expect(exitCode).not.toBe(0);
    expect(stderr).toMatch(/s\.tar\/.*'(?: could not be uploaded: its archive was changed| was changed while it was submitted)/);
    expect([...harness.workflow.executions]).toEqual([]);
  });
});

test("archives in S3 are taken as they are, and that is said", async () => {
  harness.finishes = false;
  await harness.objects.put("uploading", "logs/a.tar.gz", "x");
  for (const via of ["batch", "upload"]) {
    const { stderr } = await harness.run("submit", "s3://uploading/logs/a.tar.gz", "--via", via);
    expect(stderr).toContain("archives in S3 are taken as they are: 's3://uploading/logs/a.tar.gz'; for the files in one, bring it here");
  }
});
