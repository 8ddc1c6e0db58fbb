import { lstat, readdir, statfs } from "node:fs/promises";
import path from "node:path";
import { codeOf } from "../../kit/folders/system-errors";

/** Unit of `blocks` in what stat tells, whatever the file system. https://man7.org/linux/man-pages/man3/stat.3type.html */
const BLOCK_BYTES = 512;
/** With less than this free, whatever fails on the disk fails for want of it. */
const FULL_BELOW_BYTES = 4 * 1_048_576;

/** What folders take on the disk, in bytes: sparse files count by what is written of them, links not by what they lead to. */
export async function usedDisk(folders: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const folder of folders) bytes += await usedBelow(folder);
  return bytes;
}

async function usedBelow(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await ignoringGone(readdir(folder, { withFileTypes: true }), [])) {
    const inner = path.join(folder, entry.name);
    if (entry.isDirectory()) bytes += await usedBelow(inner);
    else
      bytes +=
        BLOCK_BYTES *
        (await ignoringGone(
          lstat(inner).then(({ blocks }) => blocks),
          0,
        ));
  }
  return bytes;
}

/** Whether the disk that a folder is on has no room left. */
export async function isDiskFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < FULL_BELOW_BYTES;
}

/** The disk of this machine is full: that says nothing about the file that was worked on. */
export class DiskFullError extends Error {
  public override readonly name = "DiskFullError";
  /** As the system's own error has it. */
  public readonly code = "ENOSPC";
  public readonly fix = "make room on the disk of the machine that works";
  public constructor(folder: string) {
    super(`a program failed while the disk of '${folder}' was full`);
  }
}

/** A program makes and removes files while they are counted; a folder that it closed to everybody can't be looked into. */
async function ignoringGone<T>(step: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await step;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(codeOf(error))) return otherwise;
    throw error;
  }
}
