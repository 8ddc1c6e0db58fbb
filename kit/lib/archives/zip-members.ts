import { crc32 } from "node:zlib";
import { getFileNameLowLevel, openPromise, type Entry } from "yauzl";
import { BrokenArchiveError } from "./errors";
import type { ArchiveMeter } from "./limits";
import type { ArchiveMember } from "./member";

/** Systems that a zip's attributes can be of, whose upper half is a Unix mode. APPNOTE 4.4.2 */
const UNIX_SYSTEMS: ReadonlySet<number> = new Set([3, 19]);
/** https://www.man7.org/linux/man-pages/man7/inode.7.html */
const FILE_TYPE = 0o170000;
const REGULAR_FILE = 0o100000;
const SYMBOLIC_LINK = 0o120000;
/** General purpose bit 11: name and comment are UTF-8. APPNOTE 4.4.4 */
const NAMES_ARE_UTF8 = 0x800;

/** The members of a zip, by its central directory; Zip64 included. @throws BrokenArchiveError, ArchiveLimitError, the system's error */
export async function* zipMembers(path: string, meter: ArchiveMeter): AsyncGenerator<ArchiveMember, void> {
  // names are decoded here: one that the library refuses would end the whole archive
  const zip = await openPromise(path, { decodeStrings: false, autoClose: false });
  try {
    let position = 0;
    for await (const entry of zip.eachEntry()) {
      meter.addMember();
      const rawName = nameOf(entry);
      const unreadable = unreadableBecause(entry);
      yield {
        position,
        rawName,
        kind: kindOf(entry, rawName),
        ...(unreadable === undefined ? {} : { unreadable }),
        content: async function* () {
          const stream = await zip.openReadStreamPromise(entry);
          try {
            yield* checked(meter.metered(stream as AsyncIterable<Buffer>), entry);
          } finally {
            stream.destroy();
          }
        },
      };
      position += 1;
    }
  } finally {
    zip.close();
  }
}

/** The library holds the size against the directory's, but not the checksum. */
async function* checked(content: AsyncIterable<Uint8Array>, entry: Entry): AsyncGenerator<Uint8Array, void> {
  let sum = 0;
  for await (const piece of content) {
    sum = crc32(piece, sum);
    yield piece;
  }
  if (sum !== entry.crc32) throw new BrokenArchiveError("a member's content has another checksum than the archive says");
}

function kindOf({ externalFileAttributes, versionMadeBy }: Entry, rawName: string): ArchiveMember["kind"] {
  if (rawName.endsWith("/")) return "folder";
  const type = UNIX_SYSTEMS.has(versionMadeBy >>> 8) ? (externalFileAttributes >>> 16) & FILE_TYPE : REGULAR_FILE;
  if (type === SYMBOLIC_LINK) return "link";
  // some programs leave the mode out
  return type === REGULAR_FILE || type === 0 ? "file" : "other";
}

function unreadableBecause(entry: Entry): string | undefined {
  if (entry.isEncrypted()) return "it is encrypted: unpack the archive with its password, and give the files";
  if (entry.canDecodeFileData()) return undefined;
  return `it is packed by method ${entry.compressionMethod}, and only stored and deflated members can be read: pack it again`;
}

/**
 * Zips that don't say that their names are UTF-8 have them in CP437 by the standard; on Unix and macOS most programs write UTF-8 without
 * saying so.
 */
function nameOf(entry: Entry): string {
  const raw = entry.fileNameRaw;
  const isUnix = UNIX_SYSTEMS.has(entry.versionMadeBy >>> 8);
  const flags = isUnix && isUtf8(raw) ? entry.generalPurposeBitFlag | NAMES_ARE_UTF8 : entry.generalPurposeBitFlag;
  return getFileNameLowLevel(flags, raw, entry.extraFields, false);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
