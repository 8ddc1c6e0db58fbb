import { createHash } from "node:crypto";
import { readdir } from "node:fs/promises";
import path from "node:path";
import { build } from "esbuild";

const HASH_DIGITS = 16;

/**
 * The version of every workload that ships, by name: the first digits of the SHA-256 of its own code with all that it imports, packages
 * too. The same in every checkout; what a workload doesn't use changes nothing.
 *
 * @param {string} projectDirectory
 * @returns {Promise<Readonly<Record<string, string>>>}
 */
export async function workloadVersions(projectDirectory) {
  const entries = await workloadFiles(projectDirectory);
  const { outputFiles } = await build({
    absWorkingDir: projectDirectory,
    entryPoints: entries.map(({ name, file }) => ({ in: file, out: name })),
    // a name for what is not written
    outdir: "workload-versions",
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    mainFields: ["module", "main"],
    charset: "utf8",
    legalComments: "none",
    logLevel: "silent",
    // comments and the names of packages' modules would say where they lie
    minifyWhitespace: true,
    minifyIdentifiers: true,
  });
  const versions = outputFiles.map(({ contents, path: file }) => [path.basename(file, ".js"), versionOf(contents)]);
  return Object.fromEntries(versions.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** What esbuild puts in place of the name that workloads/version.ts declares. */
export const workloadVersionsDefined = async (projectDirectory) => ({
  WORKLOAD_VERSIONS: JSON.stringify(await workloadVersions(projectDirectory)),
});

/** A folder of workloads/ is a workload when it holds one; it has the workload's name. */
async function workloadFiles(projectDirectory) {
  const files = [];
  for (const { name, parentPath } of await readdir(path.join(projectDirectory, "workloads"), { recursive: true, withFileTypes: true })) {
    const folder = path.relative(path.join(projectDirectory, "workloads"), parentPath);
    if (/^(.*-)?workload\.ts$/.test(name) && folder !== "" && !folder.includes(path.sep))
      files.push({ name: folder, file: `workloads/${folder}/${name}` });
  }
  return files;
}

const versionOf = (code) => createHash("sha256").update(code).digest("hex").slice(0, HASH_DIGITS);
