import { statfs } from "node:fs/promises";
import { HomeFullError } from "../errors";

const MEBIBYTE = 1_048_576;
/** A start writes the code of some functions, logs, and what they count: less than this is no room for anything. */
export const START_BYTES = 32 * MEBIBYTE;
/** Of what a virtual environment takes, by the megabyte: itself, and pip's copies while it is made. */
export const INSTALL_BYTES_PER_MEGABYTE = 2 * MEBIBYTE;
/** While a stack runs: the next function whose code is unpacked wouldn't fit any more. */
export const RUN_BYTES = 8 * MEBIBYTE;

/** Bytes that this user can still write on a folder's disk; undefined where the system doesn't tell. */
export async function freeBytes(folder: string): Promise<number | undefined> {
  const { bavail, bfree, blocks, bsize } = await statfs(folder);
  if (blocks === 0) return undefined;
  return (process.geteuid?.() === 0 ? bfree : bavail) * bsize;
}

/** The error of a home with less room than `needed`, undefined when there is enough. */
export function fullDisk(home: string, free: number | undefined, needed: number): HomeFullError | undefined {
  if (free === undefined || free >= needed) return undefined;
  const [left, wanted] = [free, needed].map((bytes) => `${(bytes / MEBIBYTE).toFixed(1)} MiB`);
  return new HomeFullError(home, `its disk has ${left ?? ""} left, and ${wanted ?? ""} are needed`);
}

/** @throws HomeFullError */
export async function refuseFullDisk(home: string, needed: number): Promise<void> {
  const full = fullDisk(home, await freeBytes(home), needed);
  if (full !== undefined) throw full;
}
