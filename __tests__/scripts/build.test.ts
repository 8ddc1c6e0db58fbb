import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { unzipSync } from "fflate";

const run = promisify(execFile);
const root = path.join(__dirname, "..", "..");
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "filemill build "));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Runs a module of the build, which is an ES module. @returns the SHA-256 of what `expression` gives, written to `file` */
async function make(file: string, expression: string, environment: Readonly<Record<string, string>> = {}): Promise<string> {
  const program = `
    import { writeFileSync } from "node:fs";
    import { zip } from "./scripts/build/zip.mjs";
    import { tarGz } from "./scripts/build/tar.mjs";
    writeFileSync(${JSON.stringify(file)}, ${expression});`;
  await run(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: root,
    env: { PATH: process.env["PATH"] ?? "", ...environment },
  });
  return createHash("sha256")
    .update(await readFile(file))
    .digest("hex");
}

const ZIP = `zip({ "index.js": Buffer.from("exports.handler = 1;") })`;
const TAR = `tarGz([{ name: "bin/node", mode: 0o755, bytes: Buffer.alloc(1000, 1) }, { name: "main.js", mode: 0o644, bytes: Buffer.from("x") }])`;

test.each([
  ["zip", ZIP],
  ["tar.gz", TAR],
])("a %s has the same bytes in every time zone", async (extension, expression) => {
  const hashes = await Promise.all(
    ["UTC", "Asia/Kathmandu", "America/St_Johns"].map((TZ, i) => make(path.join(folder, `${i}.${extension}`), expression, { TZ })),
  );
  expect(new Set(hashes).size).toBe(1);
});

test("Lambda's user may read what is in the zip", async () => {
  const file = path.join(folder, "read.zip");
  await make(file, ZIP);
  const bytes = await readFile(file);
  expect(Buffer.from(unzipSync(bytes)["index.js"] ?? []).toString()).toBe("exports.handler = 1;");
  // the central directory's external attributes: mode in the upper half
  const directory = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
  expect((bytes.readUInt32LE(directory + 38) >>> 16).toString(8)).toBe("100644");
});

test("tar unpacks the archive, modes included", async () => {
  const file = path.join(folder, "worker.tar.gz");
  await make(file, TAR);
  await run("tar", ["--extract", "--gzip", "--file", file, "--directory", folder]);
  expect(await readFile(path.join(folder, "bin", "node"))).toEqual(Buffer.alloc(1_000, 1));
  expect((await stat(path.join(folder, "bin", "node"))).mode & 0o777).toBe(0o755);
  expect(await readFile(path.join(folder, "main.js"), "utf8")).toBe("x");
});

test("a name that nothing has is refused with those there are", async () => {
  await expect(run(process.execPath, ["scripts/build.mjs", "--only", "nothing"], { cwd: root })).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("nothing is called nothing; there are main, lambdas/") as string,
  });
});

test("terraform-plan.sh names an environment that it can't plan, and ends with 2", async () => {
  for (const [environment, message] of [
    ["local", "is run by the emulator"],
    ["staging", "there is no environment 'staging'"],
  ] as const) {
    await expect(run("bash", ["scripts/terraform-plan.sh", environment], { cwd: root })).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining(message) as string,
    });
  }
});
