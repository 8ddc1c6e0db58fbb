import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pack } from "tar-stream";
import { buffer } from "node:stream/consumers";
import { commandWorkload } from "../../../workloads/command/command-workload";
import { unpackArchive } from "../../../workloads/programs/unpack-archive";
import { WorkloadUnusableError } from "../../../workloads/workload";
import { temporaryDirectory } from "../../support/count-harness";
import { WorkloadBench } from "../../support/workload-run";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});

/** A program that has a script, a library beside it, data behind a link, and a tool in `bin`. */
function programFolder(): string {
  const folder = join(directory.path, "program");
  mkdirSync(join(folder, "bin"), { recursive: true });
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "bin", "tool"), "#!/bin/sh\necho tool\n");
  chmodSync(join(folder, "bin", "tool"), 0o755);
  writeFileSync(join(folder, "library.py"), "answer = 42\n");
  writeFileSync(
    join(folder, "count.py"),
    "import sys, library\nprint(len(open(sys.argv[1]).read()), library.answer, open('data/now').read())\n",
  );
  writeFileSync(join(folder, "data", "1"), "one");
  symlinkSync("1", join(folder, "data", "now"));
  return folder;
}

const folder = programFolder();
const made = (name: string, program: string, ...words: string[]): string => {
  const file = join(directory.path, name);
  execFileSync(
    program,
    [...words.slice(0, 1), file, ...words.slice(1)].filter((word) => word !== ""),
    { cwd: folder },
  );
  return file;
};
const python = `import os, sys, zipfile, stat
z = zipfile.ZipFile(sys.argv[1], "w", zipfile.ZIP_DEFLATED)
for top, folders, files in os.walk("."):
  for name in files:
    p = os.path.join(top, name)
    i = zipfile.ZipInfo(p[2:]); i.create_system = 3; i.external_attr = os.lstat(p).st_mode << 16
    z.writestr(i, os.readlink(p) if os.path.islink(p) else open(p).read())
z.close()`;
const ARCHIVES = {
  "tar.gz": made("p.tar.gz", "tar", "czf", "."),
  tar: made("p.tar", "tar", "cf", "bin", "count.py", "library.py", "data"),
  zip: (() => {
    const file = join(directory.path, "p.zip");
    execFileSync("python3", ["-c", python, file], { cwd: folder });
    return file;
  })(),
};

test.each(Object.entries(ARCHIVES))(
  "a program comes in a .%s: its files are found from the working folder, its tools on the PATH",
  async (_kind, file) => {
    const bench = new WorkloadBench(commandWorkload, { archive: file, "my-tools": file });
    const session = await bench.open({ exec: "python3 count.py {in}", archive: true });
    for (let time = 0; time < 2; time += 1) expect(await bench.run({}, "12345", { session })).toMatchObject({ result: "5 42 one" });
    expect(await bench.run({ exec: "tool", archive: "my-tools" })).toMatchObject({ result: "tool" });
    expect(await bench.run({ exec: "./bin/tool", archive: true })).toMatchObject({ result: "tool" });
    await bench.close();
  },
);

describe("an archive that can't be used is about every file, and nothing of it is left", () => {
  const tar = async (...headers: Parameters<ReturnType<typeof pack>["entry"]>[0][]): Promise<Buffer> => {
    const archive = pack();
    for (const header of headers) archive.entry(header, ["file", undefined].includes(header.type as never) ? "x" : undefined);
    archive.finalize();
    return buffer(archive);
  };
  const cases: readonly (readonly [string, () => Promise<Buffer> | Buffer, RegExp])[] = [
    ["text", () => Buffer.from("hello"), /none of the kinds/],
    ["nothing", () => Buffer.alloc(0), /none of the kinds/],
    ["cut gzip", () => Buffer.from("1f8b0800000000000003", "hex"), /unexpected end|end/],
    ["cut zip", () => Buffer.from("PK\u0003\u0004"), /zip/i],
    ["a way out", () => tar({ name: "../x" }), /'\.\.\/x' leads outside/],
    ["an absolute name", () => tar({ name: "/etc/x" }), /'\/etc\/x' leads outside/],
    ["a link out", () => tar({ name: "a/x", type: "symlink", linkname: "../../y" }), /leads outside/],
    ["an absolute link", () => tar({ name: "a", type: "symlink", linkname: "/etc" }), /link to '\/etc'/],
    [
      "a file over a chain of links",
      // each link stays inside by its text: a is d, and d/b, reached over a, leads from the root to its parent
      () =>
        tar(
          { name: "d/e", type: "directory" },
          { name: "a", type: "symlink", linkname: "d/e" },
          { name: "c", type: "symlink", linkname: "a/../.." },
          { name: "c/x" },
        ),
      /leads outside/,
    ],
    ["a device", () => tar({ name: "d", type: "character-device" }), /'d' is neither/],
    ["a name twice", () => tar({ name: "x" }, { name: "x" }), /twice/],
  ];
  test.each(cases)("%s", async (_what, content, problem) => {
    const file = join(directory.path, "bad");
    writeFileSync(file, await content());
    const bench = new WorkloadBench(commandWorkload, { archive: file });
    const opening = bench.open({ exec: "x", archive: true });
    await expect(opening).rejects.toThrow(WorkloadUnusableError);
    await expect(opening).rejects.toThrow(problem);
    const target = bench.folder();
    await expect(unpackArchive(file, target)).rejects.toThrow(problem);
    await bench.close();
  });
});
