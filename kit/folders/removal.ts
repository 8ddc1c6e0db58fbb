import { lstat, readdir, realpath, rmdir, unlink } from "node:fs/promises";
import path from "node:path";
import { MARK_FILE, readMark } from "./mark";
import { isMissing, codeOf } from "./system-errors";

/*
 * The one place that removes anything. What carries the product's own mark goes, and single files that this process made; links are
 * removed as links and never followed, and nothing outside the folder that was given is touched. The linter keeps every other file from
 * removing by itself.
 */

/** What was to be removed is not the product's, or not where it was: it stays as it is. */
export class NotOwnedError extends Error {
  public override readonly name = "NotOwnedError";
  public readonly fix = "look at what it is; if nobody needs it, remove it by hand";
  public constructor(name: string, why: string) {
    super(`'${name}' is not removed: ${why}`);
  }
}

/** Somebody still writes into a folder that is being removed. Its mark is still there: try again. */
export class FolderBusyError extends Error {
  public override readonly name = "FolderBusyError";
  public readonly fix = "end what still writes into it, then try again";
  public constructor(folder: string) {
    super(`'${folder}' is being written into while it is removed`);
  }
}

const SEPARATOR = Buffer.from("/");
const MARK_NAME = Buffer.from(MARK_FILE);

/**
 * Removes a marked folder with all that is in it, its mark last: a removal that breaks off can be taken up. An absent folder is fine.
 *
 * @param folder absolute, without a link on the way
 * @throws NotOwnedError, FolderBusyError
 */
export async function removeOwnedFolder(folder: string): Promise<void> {
  const device = await deviceOf(folder);
  if (device === undefined) return;
  const mark = await readMark(folder);
  if (mark === undefined) throw new NotOwnedError(folder, "it has no mark of filemill's");
  if (mark.kind === "home" || mark.kind === "build") throw new NotOwnedError(folder, `a folder of the kind '${mark.kind}' stays`);
  const root = Buffer.from(folder);
  await emptyFolder(root, device, MARK_NAME);
  const left = await ignoringMissing(readdir(root, { encoding: "buffer" }));
  if (left === undefined) return;
  if (left.some((name) => !name.equals(MARK_NAME))) throw new FolderBusyError(folder);
  await ignoringMissing(unlink(path.join(folder, MARK_FILE)));
  await ignoringMissing(rmdir(folder));
}

/**
 * Removes a file of a marked folder, by its path in there; an absent one is fine.
 *
 * @throws NotOwnedError when the folder is not marked, or the path leaves it or leads over a link
 */
export async function removeFileIn(folder: string, name: string): Promise<void> {
  const file = path.join(folder, name);
  if (path.relative(folder, file).split(path.sep)[0] === "..") throw new NotOwnedError(file, `it is not in '${folder}'`);
  if ((await deviceOf(path.dirname(file))) === undefined) return;
  if ((await readMark(folder)) === undefined) throw new NotOwnedError(file, `'${folder}' has no mark of filemill's`);
  await ignoringMissing(unlink(file));
}

/** Which file a name stood for when this process made it. */
export interface MadeFile {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
}

/** Removes a file that this process made under a name of its own, unless another has taken its place since. */
export async function removeMadeFile({ path: file, dev, ino }: MadeFile): Promise<void> {
  const stats = await ignoringMissing(lstat(file, { bigint: true }));
  if (stats?.dev === dev && stats.ino === ino) await ignoringMissing(unlink(file));
}

/** Takes back the folder that this process has just made and could not mark: nothing but the beginning of its mark is in it. */
export async function removeUnmarkedFolder(folder: string): Promise<void> {
  await ignoringMissing(unlink(path.join(folder, MARK_FILE)));
  await ignoringMissing(rmdir(folder));
}

/** Removes a folder if it is empty. @returns whether it is gone */
export async function removeFolderIfEmpty(folder: string): Promise<boolean> {
  try {
    await ignoringMissing(rmdir(folder));
    return true;
  } catch (error) {
    // POSIX allows either for a folder that is not empty
    if (["ENOTEMPTY", "EEXIST"].includes(codeOf(error))) return false;
    throw error;
  }
}

/** The device of a folder that is there, itself and not over a link. @returns undefined when there is nothing @throws NotOwnedError */
async function deviceOf(folder: string): Promise<number | undefined> {
  const stats = await ignoringMissing(lstat(folder));
  if (stats === undefined) return undefined;
  if (!stats.isDirectory()) throw new NotOwnedError(folder, stats.isSymbolicLink() ? "it is a link" : "it is not a folder");
  const real = await ignoringMissing(realpath(folder));
  if (real !== undefined && real !== folder) throw new NotOwnedError(folder, `a link on the way leads to '${real}'`);
  return stats.dev;
}

/** Removes everything in a folder but what is called `kept`. Names are bytes: not all of them are text. */
async function emptyFolder(folder: Buffer, device: number, kept?: Buffer): Promise<void> {
  const before = await ignoringMissing(lstat(folder));
  const entries = await ignoringMissing(readdir(folder, { withFileTypes: true, encoding: "buffer" }));
  const after = await ignoringMissing(lstat(folder));
  if (before === undefined || entries === undefined || after === undefined) return;
  if (before.ino !== after.ino || before.dev !== device || after.dev !== device) {
    throw new NotOwnedError(folder.toString(), "it is another file system, or became another folder meanwhile");
  }
  for (const entry of entries) {
    if (kept?.equals(entry.name) === true) continue;
    const inner = Buffer.concat([folder, SEPARATOR, entry.name]);
    if (entry.isDirectory()) await removeInner(inner, device);
    else await ignoringMissing(unlink(inner));
  }
}

async function removeInner(folder: Buffer, device: number): Promise<void> {
  const stats = await ignoringMissing(lstat(folder));
  if (stats?.isDirectory() !== true) {
    if (stats !== undefined) await ignoringMissing(unlink(folder));
    return;
  }
  await emptyFolder(folder, device);
  await ignoringMissing(rmdir(folder));
}

/** Two may remove the same folder at the same time: what is gone already is as good as removed. */
async function ignoringMissing<T>(step: Promise<T>): Promise<T | undefined> {
  try {
    return await step;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
