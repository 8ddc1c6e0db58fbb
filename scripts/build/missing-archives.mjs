import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/**
 * Looks which archives with Node the synthesized stacks want to upload and nobody has built.
 *
 * @param {string} outdir of the synthesis
 * @returns {Promise<string[]>} their architectures, as worker-archive.mjs takes them
 */
export async function missingArchives(outdir) {
  const stacks = path.join(outdir, "stacks");
  const missing = new Set();
  for (const name of await readdir(stacks)) {
    const directory = path.join(stacks, name);
    const file = path.join(directory, "cdk.tf.json");
    if (!existsSync(file)) continue;
    const { resource } = JSON.parse(await readFile(file, "utf8"));
    for (const { source = "" } of Object.values(resource.aws_s3_object ?? {})) {
      const architecture = /worker-linux-(\w+)\.tar\.gz$/.exec(source)?.[1];
      if (architecture !== undefined && !existsSync(path.resolve(directory, source))) missing.add(architecture);
    }
  }
  return [...missing];
}
