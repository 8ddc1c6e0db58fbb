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

/** The text of a file: UTF-16 by its byte order mark, else UTF-8; `undefined` when it is no text. */
export function referenceText(bytes: Uint8Array): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.slice(0, 8192).includes(0)) return undefined;
  return new TextDecoder("utf-8").decode(bytes);
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
export function referenceCountBytes(bytes: Uint8Array, options?: ReferenceOptions): ReferenceCount | undefined {
  const text = referenceText(bytes);
  return text === undefined ? undefined : referenceCount(text, options);
}

/** Counts a file, unpacking `.gz`. @returns `undefined` when it is no text */
export function referenceCountFile(path: string, options?: ReferenceOptions): ReferenceCount | undefined {
  const bytes = readFileSync(path);
  // zlib calls an empty stream cut short; an empty file is an empty text
  return referenceCountBytes(path.endsWith(".gz") && bytes.length > 0 ? gunzipSync(bytes) : bytes, options);
}
