import { lstat, readdir, realpath } from "node:fs/promises";
import path from "node:path";
import { readMark } from "./mark";
import type { ProcessIdentity, RemovableKind } from "./mark";
import { findProcess, lifeOf } from "./processes";
import { NotOwnedError, removeFolderIfEmpty, removeOwnedFolder } from "./removal";
import { isMissing, messageOf } from "./system-errors";

export interface SweepOptions {
  readonly kinds: readonly RemovableKind[];
  /** Beginning of the names of such folders, up to the number of the process that made them. */
  readonly prefix: string;
  /** Folders of dead owners that stay all the same. @default none */
  readonly keep?: (folder: string) => boolean;
  /** true: nobody else uses the parent now, so every such folder is left over, whoever its owner is. @default false */
  readonly isAlone?: boolean;
  /** Called before the folder of a dead owner goes. */
  readonly before?: (folder: string) => Promise<void>;
}

/** A folder that should have gone and could not. */
export interface LeftFolder {
  readonly folder: string;
  readonly problem: string;
}

/**
 * Removes the marked folders below `parent` whose owners are dead. One whose owner lives, can't be seen from here or is not told stays,
 * and so does everything that has no mark or belongs to another user. Several processes may sweep at the same time, unless one is told
 * that it is alone.
 *
 * @returns what could not be removed; an absent parent has nothing
 */
export async function sweepDeadFolders(parent: string, options: SweepOptions): Promise<LeftFolder[]> {
  let root: string;
  let names: string[];
  try {
    root = await realpath(parent);
    names = await readdir(root);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
  const left: LeftFolder[] = [];
  for (const name of names.filter((each) => each.startsWith(options.prefix))) {
    const folder = path.join(root, name);
    try {
      await sweepFolder(folder, options);
    } catch (error) {
      left.push({ folder, problem: messageOf(error) });
    }
  }
  return left;
}

async function sweepFolder(folder: string, { kinds, prefix, keep, isAlone = false, before }: SweepOptions): Promise<void> {
  if (!(await isOwnFolder(folder))) return;
  const mark = await readMark(folder);
  if (mark === undefined) return removeUnfinished(folder, prefix);
  if (!("owner" in mark) || mark.owner === undefined || !kinds.some((kind) => kind === mark.kind)) return;
  if (!(isAlone || (await isDead(mark.owner))) || keep?.(folder) === true) return;
  await before?.(folder);
  try {
    await removeOwnedFolder(folder);
  } catch (error) {
    // another sweep was faster
    if (error instanceof NotOwnedError && (await readMark(folder)) === undefined) return;
    throw error;
  }
}

const isDead = async (owner: ProcessIdentity): Promise<boolean> => (await lifeOf(owner)) === "dead";

/** A folder itself, not a link to one, of the user who runs this. */
async function isOwnFolder(folder: string): Promise<boolean> {
  try {
    const stats = await lstat(folder);
    return stats.isDirectory() && stats.uid === process.geteuid?.();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Its maker was killed before it could mark it, or a removal ended after the mark was gone: either way nothing is in it. */
async function removeUnfinished(folder: string, prefix: string): Promise<void> {
  const pid = /^\d+(?=-)/.exec(path.basename(folder).slice(prefix.length))?.[0];
  if (pid !== undefined && (await findProcess(Number(pid))) === undefined) await removeFolderIfEmpty(folder);
}
