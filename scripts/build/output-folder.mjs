import { readdir } from "node:fs/promises";
import path from "node:path";
import { Lock, makeFolders, readMark, writeMark } from "./folders.mjs";

const LOCK_FILE = "build.lock";
/** What builds put there before they marked the folder. */
const OWN_NAMES = ["bench", "cli", "lambdas", "local", "main.js", "simulator", "worker", "complete", LOCK_FILE];

/**
 * Runs `use` with the folder for what is built to itself: a second build waits. The folder is marked as the project's own, so that files
 * in it may be removed.
 *
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withOutputFolder(folder, use) {
  await makeFolders(folder);
  const lock = await Lock.take(path.join(folder, LOCK_FILE), () => process.stderr.write("waiting for another build\n"));
  try {
    await markAsOwn(folder);
    return await use();
  } finally {
    await lock.release();
  }
}

async function markAsOwn(folder) {
  if ((await readMark(folder))?.kind === "build") return;
  const foreign = (await readdir(folder)).filter((name) => !OWN_NAMES.includes(name));
  if (foreign.length > 0)
    throw new Error(`'${path.join(folder, foreign[0])}' was made by no build; move it out of there, then build again`);
  await writeMark(folder, { product: "filemill", kind: "build" }, false);
}
