import { codeUnitBytes, type RequestedEncoding, type TextEncoding } from "./text-encodings";

/** A file is judged by this many of its first bytes. */
export const PROBE_BYTES = 8_192;

/** What a file's first bytes say it is. */
export type ContentKind =
  | { readonly kind: "text"; readonly encoding: TextEncoding }
  | { readonly kind: "gzip" }
  /** Packed in another way. */
  | { readonly kind: "compressed" }
  | { readonly kind: "not-text" };

/** As a file of gzip begins that anybody writes: method 8 is the only one there is. https://www.rfc-editor.org/rfc/rfc1952#page-5 */
export const GZIP_BEGINNING = Uint8Array.of(0x1f, 0x8b, 8);

/** A key that promises gzip: such a file with other content is damaged. */
export const isNamedGzip = (key: string): boolean => /\.gz$/i.test(key);

/**
 * How files of other compressions and of compressed archives begin. Each has a control character or an invalid one in it, or is long:
 * no text begins like that.
 *
 * @see https://en.wikipedia.org/wiki/List_of_file_signatures
 */
const COMPRESSED_BEGINNINGS: readonly (readonly [name: string, beginning: string])[] = [
  // the level, from 1 to 9, is left open below; then a block's number, or that of the end
  ["bzip2", "425a68..314159265359"],
  ["bzip2, empty", "425a68..177245385090"],
  ["xz", "fd377a585a00"],
  ["zstd", "28b52ffd"],
  // frames that carry something else than content, in both of zstd and lz4
  ["zstd or lz4, skippable", "5.2a4d18"],
  ["lz4", "04224d18"],
  ["lz4, legacy", "02214c18"],
  ["lzip", "4c5a495001"],
  ["lzop", "894c5a4f000d0a1a0a"],
  ["snappy", "ff060000734e61507059"],
  ["compress (.Z)", "1f9d"],
  ["7z", "377abcaf271c"],
  ["zip", "504b0304"],
  ["zip, empty", "504b0506"],
  ["zip, of several parts", "504b0708"],
  ["rar", "526172211a07"],
];
const COMPRESSED = new RegExp(`^(?:${COMPRESSED_BEGINNINGS.map(([, beginning]) => beginning).join("|")})`);
const LONGEST_BEGINNING = 10;

const BYTE_ORDER_MARKS: readonly (readonly [encoding: TextEncoding, mark: readonly number[]])[] = [
  // before UTF-16, whose mark it begins with: no text begins with a NUL
  ["utf-32le", [0xff, 0xfe, 0, 0]],
  ["utf-32be", [0, 0, 0xfe, 0xff]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

const beginsWith = (bytes: Uint8Array, beginning: readonly number[] | Uint8Array): boolean =>
  beginning.every((byte, index) => bytes[index] === byte);

/**
 * Judges a file by its first bytes (8 KiB; more are not looked at): packed content by how it begins; text by `requested`, or by its byte
 * order mark, without which it is taken for UTF-8. A NUL byte means that it is no text, but where an encoding is full of them.
 */
export function contentKind(firstBytes: Uint8Array, requested: RequestedEncoding): ContentKind {
  if (beginsWith(firstBytes, GZIP_BEGINNING)) return { kind: "gzip" };
  if (COMPRESSED.test(Buffer.from(firstBytes.subarray(0, LONGEST_BEGINNING)).toString("hex"))) return { kind: "compressed" };
  const encoding = requested === "auto" ? markedEncoding(firstBytes) : requested;
  const isNul = codeUnitBytes(encoding) === 1 && firstBytes.subarray(0, PROBE_BYTES).includes(0);
  return isNul ? { kind: "not-text" } : { kind: "text", encoding };
}

const markedEncoding = (firstBytes: Uint8Array): TextEncoding =>
  BYTE_ORDER_MARKS.find(([, mark]) => beginsWith(firstBytes, mark))?.[0] ?? "utf-8";
