import { randomBytes } from "node:crypto";
import { lstat, stat } from "node:fs/promises";
import path from "node:path";
import { CreatedFile } from "../../folders/created-file";
import { RunFailedError, UsageError } from "../errors";
import { codeOf, messageOf } from "../system-error";

const FIX = "give a writable folder with --out";

/**
 * Tries whether results can be written below a folder that may not exist yet, and leaves nothing behind.
 *
 * @throws UsageError
 */
export async function checkOutputFolder(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  try {
    const probe = await CreatedFile.create(path.join(existing, `.filemill-${randomBytes(6).toString("hex")}`));
    await probe.discard();
  } catch (error) {
    throw new UsageError(`can't write to '${existing}': ${messageOf(error)}`, FIX, { cause: error });
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    const stats = await stat(folder);
    if (stats.isDirectory()) return folder;
  } catch (error) {
    const code = codeOf(error);
    const parent = path.dirname(folder);
    if (code === "ENOENT" && parent !== folder) {
      await refuseDanglingLink(folder);
      return nearestExisting(parent);
    }
    if (code !== "ENOTDIR") throw new UsageError(`can't use '${folder}' for results: ${messageOf(error)}`, FIX, { cause: error });
  }
  throw new UsageError(`'${folder}' is not a folder`, "give a folder with --out");
}

/** Nothing can be made in the place of a link that leads to nothing. */
async function refuseDanglingLink(folder: string): Promise<void> {
  const there = await lstat(folder).catch(() => undefined);
  if (there !== undefined) throw new UsageError(`'${folder}' is a link to nothing`, "give a folder with --out");
}

const WRITE_PROBLEMS: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  ENOSPC: ["the disk is full", "make room or give another folder with --out"],
  EDQUOT: ["the disk quota is used up", "make room or give another folder with --out"],
  EACCES: ["no permission to write", FIX],
  EPERM: ["no permission to write", FIX],
  EROFS: ["the file system is read-only", FIX],
  ENOTDIR: ["a part of the path is not a folder", "give another folder with --out"],
  EEXIST: ["something that is not a folder has its name", "give another folder with --out"],
  ENAMETOOLONG: ["its path is too long", "give another folder with --out"],
};

/** Says of a failed write to the output folder what the matter is and what helps. @throws RunFailedError */
export async function explainWrite<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const known = WRITE_PROBLEMS[codeOf(error)];
    if (known === undefined) throw error;
    throw new RunFailedError(`can't write results to '${folder}': ${known[0]}`, known[1], { cause: error });
  }
}
