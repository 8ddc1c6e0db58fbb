import { open } from "node:fs/promises";

/** How an archive is packed. */
export type ArchiveFormat = "zip" | "tar" | "tar.gz";

/** An archive on this machine. */
export interface Archive {
  readonly path: string;
  readonly format: ArchiveFormat;
}

const NAMED = /\.(?:zip|tar|tar\.gz|tgz)$/i;

/**
 * Whether a name promises an archive. Content alone is not enough: office documents, books, programs and packages of many kinds are zips,
 * and nobody who gives one means the files in it.
 */
export const isNamedArchive = (name: string): boolean => NAMED.test(name);

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7, 4.3.16, 8.5.3 */
const ZIP_BEGINNINGS = ["504b0304", "504b0506", "504b0708"];
/** https://www.rfc-editor.org/rfc/rfc1952#page-5 */
const GZIP_BEGINNING = "1f8b08";
/** A tar's first header. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06 */
const HEADER_BYTES = 512;
const CHECKSUM = { start: 148, end: 156 };

/**
 * Looks at how a file begins that is named as an archive: its content decides what it is.
 *
 * @returns undefined for content that is no archive
 * @throws the system's error when it can't be read
 */
export async function archiveFormat(path: string): Promise<ArchiveFormat | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    const beginning = buffer.subarray(0, bytesRead);
    const hex = beginning.toString("hex", 0, 4);
    if (ZIP_BEGINNINGS.includes(hex)) return "zip";
    // what is in it shows only when it is unpacked: reading it says so
    if (hex.startsWith(GZIP_BEGINNING)) return "tar.gz";
    return isTarHeader(beginning) ? "tar" : undefined;
  } finally {
    await file.close();
  }
}

/** By its checksum, which every kind of tar has; one of no members is all zeros. */
function isTarHeader(header: Uint8Array): boolean {
  if (header.length < HEADER_BYTES) return false;
  const said = Number.parseInt(
    Buffer.from(header)
      .toString("latin1", CHECKSUM.start, CHECKSUM.end)
      .replaceAll(/[^0-7]/g, ""),
    8,
  );
  const blank = 32;
  const sum = header.reduce((total, byte, index) => total + (index >= CHECKSUM.start && index < CHECKSUM.end ? blank : byte), 0);
  return sum === said || header.every((byte) => byte === 0);
}
