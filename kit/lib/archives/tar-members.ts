import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { extract, type Headers } from "tar-stream";
import { BrokenArchiveError } from "./errors";
import type { ArchiveMeter } from "./limits";
import type { ArchiveMember } from "./member";

const BLOCK_BYTES = 512;

/**
 * The members of a tar, in its order, from one walk through it.
 *
 * @param isGzip the tar is packed by gzip
 * @throws BrokenArchiveError when it is damaged or has no end; ArchiveLimitError, the system's error
 */
export async function* tarMembers(path: string, isGzip: boolean, meter: ArchiveMeter): AsyncGenerator<ArchiveMember, void> {
  const stop = new AbortController();
  const reader = extract();
  const source = createReadStream(path);
  const tar = (pieces: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> => untilEnd(meter.metered(pieces));
  const options = { signal: stop.signal };
  const fed = isGzip ? pipeline(source, createGunzip(), tar, reader, options) : pipeline(source, tar, reader, options);
  // it is waited for below; what fails it fails the reader, too
  fed.catch(() => undefined);
  try {
    let position = 0;
    for await (const entry of reader) {
      meter.addMember();
      const { header } = entry;
      const unreadable = unreadableBecause(header);
      yield {
        position,
        rawName: header.name,
        kind: kindOf(header),
        ...(unreadable === undefined ? {} : { unreadable }),
        content: async function* () {
          yield* entry as AsyncIterable<Buffer>;
        },
      };
      entry.resume();
      position += 1;
    }
    await fed;
  } finally {
    stop.abort();
    source.destroy();
  }
}

/**
 * A tar ends with blocks of zeros: one that doesn't was cut off between two members, which nothing else would show.
 *
 * @throws BrokenArchiveError
 */
async function* untilEnd(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let tail: Uint8Array = Buffer.alloc(0);
  for await (const piece of pieces) {
    tail = piece.length >= BLOCK_BYTES ? piece.subarray(-BLOCK_BYTES) : Buffer.concat([tail, piece]).subarray(-BLOCK_BYTES);
    // the reader may keep the piece, and so may we: neither writes to it
    yield piece;
  }
  if (tail.length < BLOCK_BYTES || tail.some((byte) => byte !== 0)) throw new BrokenArchiveError("it has no end: it was cut off");
}

const KINDS: Readonly<Record<string, ArchiveMember["kind"]>> = {
  file: "file",
  "contiguous-file": "file",
  directory: "folder",
  link: "link",
  symlink: "link",
};
/** The library knows no name for types that it doesn't know. */
const kindOf = ({ type }: Headers): ArchiveMember["kind"] => KINDS[String(type)] ?? "other";

/** Sparse files of GNU tar are files by their type, but their content is a map and what it maps. */
function unreadableBecause(header: Headers): string | undefined {
  // the types leave out the extended header's records
  const { pax } = header as Headers & { readonly pax?: object | null };
  const isSparse = Object.keys(pax ?? {}).some((key) => key.startsWith("GNU.sparse."));
  return isSparse ? "a sparse file of GNU tar: pack it again without --sparse" : undefined;
}
