import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const modulePath = path.resolve(__dirname, "..", "..", "scripts", "build", "missing-archives.mjs");
let outdir: string;
beforeEach(async () => {
  outdir = await mkdtemp(path.join(tmpdir(), "filemill archives "));
});
afterEach(() => rm(outdir, { recursive: true, force: true }));

async function stack(name: string, archive: string): Promise<void> {
  const directory = path.join(outdir, "stacks", name);
  await mkdir(directory, { recursive: true });
  const resource = { aws_s3_object: { archive: { source: `../../dist/worker/${archive}` } } };
  await writeFile(path.join(directory, "cdk.tf.json"), JSON.stringify({ resource }));
}

async function missing(): Promise<unknown> {
  const program = `import { missingArchives } from ${JSON.stringify(modulePath)};
    process.stdout.write(JSON.stringify(await missingArchives(${JSON.stringify(outdir)})));`;
  return JSON.parse((await promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program])).stdout);
}

test("an archive with Node is missing where a stack uploads it and it is not built; the local run's needs none", async () => {
  await stack("batch-dev", "worker-linux-arm64.tar.gz");
  await stack("batch-prod", "worker-linux-arm64.tar.gz");
  await stack("batch-coursework", "worker-linux-x64.tar.gz");
  await stack("batch-local", "worker.tar.gz");
  expect(await missing()).toEqual(expect.arrayContaining(["x64", "arm64"]));
  await mkdir(path.join(outdir, "dist", "worker"), { recursive: true });
  await writeFile(path.join(outdir, "dist", "worker", "worker-linux-x64.tar.gz"), "built");
  expect(await missing()).toEqual(["arm64"]);
});
