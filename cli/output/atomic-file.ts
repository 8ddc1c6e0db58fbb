import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The file system, as far as an atomic write needs it; tests put a full disk here. */
export interface FileOperations {
  readonly open: (path: string) => Writable;
  readonly rename: (from: string, to: string) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
}

export const realFiles: FileOperations = {
  open: (path) => createWriteStream(path, { flags: "w", flush: true }),
  rename,
  remove: (path) => rm(path, { force: true }),
};

/** Writes a file that is there whole or not at all: beside its place first, then renamed. */
export async function writeAtomically(
  path: string,
  content: Iterable<string> | AsyncIterable<string>,
  files: FileOperations = realFiles,
  signal?: AbortSignal,
): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    await pipeline(Readable.from(content), files.open(partial), signal === undefined ? {} : { signal });
    await files.rename(partial, path);
  } catch (error) {
    await files.remove(partial);
    throw error;
  }
}
