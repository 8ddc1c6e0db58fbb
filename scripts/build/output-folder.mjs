import { access, readdir } from "node:fs/promises";
import path from "node:path";
import { isMissing, Lock, makeFolders, readMark, writeMark } from "./folders.mjs";
import { writeIfChanged } from "./write-if-changed.mjs";

/** There once everything was built; bin/filemill.js looks for it. */
const COMPLETE = "complete";
const LOCK_FILE = "build.lock";
/** What builds put there before they marked the folder. */
const OWN_NAMES = ["bench", "cli", "lambdas", "local", "main.js", "simulator", "worker", COMPLETE, LOCK_FILE];

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

/** @param {string} folder */
export async function isComplete(folder) {
  try {
    await access(path.join(folder, COMPLETE));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Says that all is there. @param {string} folder */
export const complete = (folder) => writeIfChanged(path.join(folder, COMPLETE), Buffer.from("everything was built\n"));

async function markAsOwn(folder) {
  if ((await readMark(folder))?.kind === "build") return;
  const foreign = (await readdir(folder)).filter((name) => !OWN_NAMES.includes(name));
  if (foreign.length > 0)
    throw new Error(`'${path.join(folder, foreign[0])}' was made by no build; move it out of there, then build again`);
  await writeMark(folder, { product: "filemill", kind: "build" }, false);
}
