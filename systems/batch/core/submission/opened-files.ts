import type { Archive } from "../../../../kit/lib/archives/archive";
import { archiveMembers } from "../../../../kit/lib/archives/archive-members";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { SourceFileError } from "./source-file-error";
import { UPLOAD_CONCURRENCY, type SourceFile } from "./submission";

/** A file that is about to be put. */
export interface OpenedFile<T extends SourceFile> {
  readonly file: T;
  /** What it holds, to be read once; absent for a file of its own, which is read by its path. */
  readonly content?: AsyncIterable<Uint8Array>;
}

/**
 * Members up to this size are read into memory, so that several are put at a time while their archive is read on; it is what keeps a slow
 * link busy with small files, and eight of them are no memory to speak of. A larger one is put as it is read, and holds its archive up.
 */
const HELD_BYTES = 1_048_576;

/**
 * Does `put` for every file, several at a time. Archives are walked once each, in their own order, and closed however this ends.
 *
 * @throws what `put` threw first; SourceFileError when an archive no longer holds a member; BrokenArchiveError
 */
export async function forEachOpened<T extends SourceFile>(
  files: readonly T[],
  put: (opened: OpenedFile<T>) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  const opened = openedFiles(files);
  try {
    await forEachConcurrently(
      opened,
      UPLOAD_CONCURRENCY,
      async ({ release, ...file }) => {
        try {
          await put(file);
        } finally {
          release();
        }
      },
      signal,
    );
  } finally {
    await opened.return(undefined);
  }
}

/** One that goes on when `release` was called. */
type Held<T extends SourceFile> = OpenedFile<T> & { readonly release: () => void };
const nothing = (): void => undefined;

async function* openedFiles<T extends SourceFile>(files: readonly T[]): AsyncGenerator<Held<T>, void> {
  const archives = new Map<string, { readonly archive: Archive; readonly members: Map<number, T> }>();
  for (const file of files) {
    const { member } = file;
    if (member === undefined) {
      yield { file, release: nothing };
      continue;
    }
    const { archive } = member;
    const wanted = archives.get(archive.path) ?? { archive, members: new Map<number, T>() };
    wanted.members.set(member.position, file);
    archives.set(archive.path, wanted);
  }
  for (const { archive, members } of archives.values()) yield* openedMembers(archive, members);
}

/** @param wanted by position; emptied */
async function* openedMembers<T extends SourceFile>(archive: Archive, wanted: Map<number, T>): AsyncGenerator<Held<T>, void> {
  for await (const member of archiveMembers(archive)) {
    const file = wanted.get(member.position);
    if (file === undefined) continue;
    wanted.delete(member.position);
    if (file.size <= HELD_BYTES) {
      const held = await read(member.content(), file.size);
      yield { file, content: inOne(held), release: nothing };
    } else {
      let release = nothing;
      const released = new Promise<void>((resolve) => {
        release = resolve;
      });
      yield { file, content: member.content(), release };
      await released;
    }
    if (wanted.size === 0) return;
  }
  for (const { path } of wanted.values()) throw new SourceFileError(path, "its archive was changed: it is no longer in there");
}

/** Up to a byte more than there should be: who puts it notices. */
async function read(content: AsyncIterable<Uint8Array>, size: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of content) {
    if (bytes <= size) pieces.push(piece);
    bytes += piece.length;
  }
  return Buffer.concat(pieces);
}

// eslint-disable-next-line @typescript-eslint/require-await -- a stream of one piece
async function* inOne(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  if (bytes.length > 0) yield bytes;
}
