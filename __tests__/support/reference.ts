/** What a word is, said once more and differently: regular expressions on the whole decoded text. Shares no code with `core/`. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface ReferenceOptions {
  /** @default 5 */
  readonly minimumWordLength?: number;
  /** @default 10 */
  readonly top?: number;
}
export interface ReferenceCount {
  readonly totalWords: number;
  readonly distinctWords: number;
  readonly overlongWords: number;
  /** The top list. */
  readonly words: { word: string; count: number }[];
  /** All words, ascending by code points. */
  readonly counts: { word: string; count: number }[];
}

const MAXIMUM_CODE_POINTS = 1024;

/** How a file's bytes are to be read. */
export interface ReferenceText {
  readonly encoding: "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";
  readonly text: string;
  readonly textBytes: number;
  readonly invalidBytes: number;
}

/** A well-formed character of UTF-8, on bytes as characters. https://www.unicode.org/versions/latest/core-spec/chapter-3/#G27506 */
const WELL_FORMED =
  /[\0-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/g;

/** The text of a file: UTF-32 and UTF-16 by their byte order marks, else UTF-8; `undefined` when it is no text. */
export function referenceText(bytes: Uint8Array): ReferenceText | undefined {
  const hex = Buffer.from(bytes.subarray(0, 4)).toString("hex");
  if (hex === "fffe0000") return utf32(bytes, "utf-32le");
  if (hex === "0000feff") return utf32(bytes, "utf-32be");
  if (hex.startsWith("fffe")) return utf16(bytes, "utf-16le");
  if (hex.startsWith("feff")) return utf16(bytes, "utf-16be");
  if (bytes.slice(0, 8192).includes(0)) return undefined;
  const wellFormed = Buffer.from(bytes).toString("latin1").match(WELL_FORMED)?.join("").length ?? 0;
  const text = new TextDecoder("utf-8").decode(bytes);
  return { encoding: "utf-8", text, textBytes: bytes.length, invalidBytes: bytes.length - wellFormed };
}

function utf16(bytes: Uint8Array, encoding: "utf-16le" | "utf-16be"): ReferenceText {
  const units = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  const text = (encoding === "utf-16be" ? units.swap16() : units).toString("utf16le");
  const loneHalves = text.match(/\p{Surrogate}/gu)?.length ?? 0;
  return { encoding, text, textBytes: bytes.length, invalidBytes: 2 * loneHalves + (bytes.length % 2) };
}

function utf32(bytes: Uint8Array, encoding: "utf-32le" | "utf-32be"): ReferenceText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength - (bytes.byteLength % 4));
  const units = Array.from({ length: view.byteLength / 4 }, (_, index) => view.getUint32(4 * index, encoding === "utf-32le"));
  const isValid = (unit: number): boolean => unit <= 0x10ffff && !/\p{Surrogate}/u.test(String.fromCodePoint(unit));
  const text = units.map((unit) => (isValid(unit) ? String.fromCodePoint(unit) : "\ufffd")).join("");
  const invalid = units.filter((unit) => !isValid(unit)).length;
  return { encoding, text, textBytes: bytes.length, invalidBytes: 4 * invalid + (bytes.length % 4) };
}

/** Counts a text. Several parts (files of a batch, for example) can be given and are counted one by one and added up. */
export function referenceCount(
  texts: string | readonly string[],
  { minimumWordLength = 5, top = 10 }: ReferenceOptions = {},
): ReferenceCount {
  const spellings = new Map<string, number>();
  for (const text of typeof texts === "string" ? [texts] : texts) {
    for (const raw of text.match(/[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*/gu) ?? []) {
      spellings.set(raw, (spellings.get(raw) ?? 0) + 1);
    }
  }
  const counts = new Map<string, number>();
  let totalWords = 0;
  let overlongWords = 0;
  for (const [raw, count] of spellings) {
    const word = raw.normalize("NFC").toLowerCase().replaceAll("’", "'");
    const length = Array.from(word).length;
    if (length > MAXIMUM_CODE_POINTS) overlongWords += count;
    else if (length >= minimumWordLength) {
      totalWords += count;
      counts.set(word, (counts.get(word) ?? 0) + count);
    }
  }
  const entries = [...counts]
    .map(([word, count]) => ({ word, count, bytes: Buffer.from(word) }))
    .sort((a, b) => a.bytes.compare(b.bytes))
    .map(({ word, count }) => ({ word, count }));
  // Array.prototype.sort is stable: words of one count stay in code point order
  const words = [...entries].sort((a, b) => b.count - a.count).slice(0, top);
  return { totalWords, distinctWords: counts.size, overlongWords, words, counts: entries };
}

/** Counts a file's bytes. @returns `undefined` when it is no text */
export function referenceCountBytes(
  bytes: Uint8Array,
  options?: ReferenceOptions,
): (ReferenceCount & Omit<ReferenceText, "text">) | undefined {
  const read = referenceText(bytes);
  if (read === undefined) return undefined;
  const { text, ...facts } = read;
  return { ...facts, ...referenceCount(text, options) };
}

/** A file's bytes, unpacked when they begin as gzip does. @throws when only its name promises gzip, and for damaged gzip */
export const referenceUnpacked = (bytes: Uint8Array, name: string): Uint8Array =>
  (/\.gz$/i.test(name) && bytes.length > 0) || Buffer.from(bytes.subarray(0, 3)).toString("hex") === "1f8b08" ? gunzipSync(bytes) : bytes;

/** Counts a file, unpacking gzip. @returns `undefined` when it is no text */
export const referenceCountFile = (path: string, options?: ReferenceOptions): ReturnType<typeof referenceCountBytes> =>
  referenceCountBytes(referenceUnpacked(readFileSync(path), path), options);
