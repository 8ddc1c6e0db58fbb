import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";

/**
 * Writes a file in one step, and only if its bytes are new: a build beside a running test or another build never shows half a file, and
 * what depends on times sees no change where there is none.
 *
 * @param {string} file
 * @param {Uint8Array} bytes
 * @returns {Promise<boolean>} whether the bytes were new
 */
export async function writeIfChanged(file, bytes) {
  if (await hasBytes(file, bytes)) return false;
  await mkdir(path.dirname(file), { recursive: true });
  const unfinished = `${file}.${String(process.pid)}.tmp`;
  try {
    await writeFile(unfinished, bytes);
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  return true;
}

async function hasBytes(file, bytes) {
  try {
    return Buffer.compare(await readFile(file), bytes) === 0;
  } catch (error) {
    if (error.code === "ENOENT") return false;
    throw error;
  }
}
