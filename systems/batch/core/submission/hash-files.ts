import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { HashedFile, SourceFile } from "./submission";

/** Files read at a time: hashing is one core's work, and a slow disk or network has something to wait for. */
const READS_AT_A_TIME = 4;

export interface UnreadableFile {
  readonly file: SourceFile;
  /** Of the operating system. */
  readonly error: NodeJS.ErrnoException;
}

export interface HashedFiles {
  /** In the order of the files given, with the size that was read. */
  readonly hashed: readonly HashedFile[];
  readonly unreadable: readonly UnreadableFile[];
}

export interface HashHooks {
  /** Called after each file with the bytes read so far, of all files. */
  readonly onRead?: (bytes: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Reads files to know what is to be submitted, before the first byte of it goes up. All that can't be read are told at once.
 *
 * @throws the signal's reason
 */
export async function hashFiles(files: readonly SourceFile[], { onRead, signal }: HashHooks = {}): Promise<HashedFiles> {
  const found = new Array<HashedFile | UnreadableFile>(files.length);
  let bytes = 0;
  await forEachConcurrently(
    files.entries(),
    READS_AT_A_TIME,
    async ([index, file]) => {
      try {
        const hashed = await hashFile(file, signal);
        bytes += hashed.size;
        found[index] = hashed;
      } catch (error) {
        signal?.throwIfAborted();
        const problem = error as NodeJS.ErrnoException;
        if (problem.code === undefined) throw error;
        found[index] = { file, error: problem };
      }
      onRead?.(bytes);
    },
    signal,
  );
  return {
    hashed: found.filter((result): result is HashedFile => "sha256" in result),
    unreadable: found.filter((result): result is UnreadableFile => "error" in result),
  };
}

async function hashFile(file: SourceFile, signal: AbortSignal | undefined): Promise<HashedFile> {
  // read when its archive was looked at: one walk through an archive tells all of its members
  if (file.member !== undefined) return { ...file, sha256: file.member.sha256 };
  const { name, path } = file;
  const hash = createHash("sha256");
  let size = 0;
  const body = createReadStream(path, signal === undefined ? {} : { signal });
  for await (const piece of body as AsyncIterable<Buffer>) {
    hash.update(piece);
    size += piece.length;
  }
  return { name, path, size, sha256: hash.digest("hex") };
}
