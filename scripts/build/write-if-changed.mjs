import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { CreatedFile, isMissing, makeFolders } from "./folders.mjs";

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
  await makeFolders(path.dirname(file));
  const unfinished = await CreatedFile.create(`${file}.${randomBytes(6).toString("hex")}.tmp`);
  try {
    await unfinished.write([bytes]);
    await unfinished.publish(file);
  } finally {
    await unfinished.discard();
  }
  return true;
}

async function hasBytes(file, bytes) {
  try {
    return Buffer.compare(await readFile(file), bytes) === 0;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
