import { crc32 } from "node:zlib";

/**
 * How sorted counts lie in a partial and in temporary files (docs/word-count.md): a beginning, blocks, and a last block without entries
 * that says what all hold together. Numbers of fixed size are little-endian.
 *
 * | part | holds |
 * | --- | --- |
 * | beginning, 8 bytes | `89`, `counts`, the format's version |
 * | block | 12 bytes: length of its content, number of entries, CRC-32 of those 8 bytes and the content; then the content |
 * | entry | bytes shared with the word before, bytes beyond (half a byte each; from 15 on as a varint too), these, the count (varint) |
 * | content of the last block | number of words, sum of their counts, as doubles |
 *
 * The first entry of a block shares nothing, so that each block is read by itself. A varint has seven bits a byte, the lowest first, and
 * the highest bit of a byte says that another follows (https://protobuf.dev/programming-guides/encoding/#varints).
 */
export const SECTION_VERSION = 1;

/** No UTF-8 begins with it, and so no line of the format before this one. */
export const SECTION_MARK = 0x89;
export const SECTION_BEGINNING: Uint8Array = Uint8Array.of(SECTION_MARK, ...Buffer.from("counts"), SECTION_VERSION);

export const BLOCK_HEAD_BYTES = 12;
/** Of a block's content: enough that its head costs nothing, small enough that a merge has hundreds of them in memory. */
export const BLOCK_BYTES = 32_768;
/** The largest number that a half byte says by itself. */
export const HALF_BYTE = 15;
/** Of an entry beside the bytes of its word: its first byte, two varints of lengths up to 65,535, one of a count up to 2^53. */
export const AROUND_BYTES = 1 + 3 + 3 + 8;
/** Of a word, as the counter's table has it. */
const LONGEST_WORD = 65_535;
/** Of the content of a block that holds one word and no other. */
export const LONGEST_BLOCK = Math.max(BLOCK_BYTES, LONGEST_WORD + AROUND_BYTES);
export const SUMS_BYTES = 16;

/** A counts section is not as it was written, or was written by a newer version. */
export class BadCountsError extends Error {
  public override readonly name = "BadCountsError";
  public readonly fix = "`npx filemill verify BATCH` says what of the batch is damaged; submit its files again in another one";
  /** @param reason what is wrong, as a clause */
  public constructor(reason: string) {
    super(`a counts section can't be read: ${reason}; the partial is damaged`);
  }
}

/** The content of a block, whose checksum holds. */
export interface Block {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  /** 0: the last one. */
  readonly entries: number;
}

/** What the head of a block says. */
export interface BlockHead {
  readonly contentBytes: number;
  readonly entries: number;
  readonly checksum: number;
}

/** @returns what is wrong with it, or undefined */
export function wrongBeginning(bytes: Uint8Array): string | undefined {
  const version = SECTION_BEGINNING.length - 1;
  if (Buffer.compare(bytes.subarray(0, version), SECTION_BEGINNING.subarray(0, version)) !== 0) return "it begins as no section does";
  if (bytes[version] === SECTION_VERSION) return undefined;
  return `its format has version ${bytes[version] ?? 0}, and this code reads ${SECTION_VERSION}`;
}

/** Writes the head of the block whose content follows it in the same array. */
export function putHead(block: Uint8Array, contentBytes: number, entries: number): void {
  const view = new DataView(block.buffer, block.byteOffset);
  view.setUint32(0, contentBytes, true);
  view.setUint32(4, entries, true);
  view.setUint32(8, checksumOf(block, 0, contentBytes), true);
}

export function headAt(bytes: Uint8Array, at: number): BlockHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, BLOCK_HEAD_BYTES);
  return { contentBytes: view.getUint32(0, true), entries: view.getUint32(4, true), checksum: view.getUint32(8, true) };
}

/** @returns what is wrong with the length that a head says, or undefined: a damaged one must not make a reader wait for gigabytes */
export const wrongLength = ({ contentBytes }: BlockHead): string | undefined =>
  contentBytes > LONGEST_BLOCK ? `a block of ${contentBytes} bytes is longer than any` : undefined;

/** The block at a place where all of it lies. @returns what is wrong with it as text */
export function blockAt(bytes: Uint8Array, at: number): Block | string {
  const { checksum, contentBytes, entries } = headAt(bytes, at);
  if (checksumOf(bytes, at, contentBytes) !== checksum) return "a block's checksum does not hold";
  const start = at + BLOCK_HEAD_BYTES;
  return { bytes, start, end: start + contentBytes, entries };
}

/** Of the lengths in a head and of the content behind it. */
function checksumOf(bytes: Uint8Array, at: number, contentBytes: number): number {
  const content = at + BLOCK_HEAD_BYTES;
  return crc32(bytes.subarray(content, content + contentBytes), crc32(bytes.subarray(at, at + 8)));
}
