import { HASH_PRIME } from "../counter/byte-table";
import type { Scanner } from "./scanner";
import type { WordSink } from "./word-sink";

// taken out once: in a sandbox (test runners) looking a global up costs more than the multiplication
const { imul } = Math;
const APOSTROPHE = 0x27;
const SEPARATOR = 0;
const NOT_ASCII = 1;

/** For each byte: the lower-cased letter or digit, or one of the two constants above. */
const CLASSES = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return NOT_ASCII;
  const character = String.fromCharCode(byte).toLowerCase();
  return /[a-z0-9]/.test(character) ? character.charCodeAt(0) : SEPARATOR;
});

/**
 * Reads UTF-8. Words of ASCII that end within a piece are lower-cased, hashed and counted in one pass over their bytes (NFC leaves
 * ASCII alone); whatever else is met, from the first byte of such a word until the word's end, goes character by character through
 * the sink. Decodes as the WHATWG decoder does (https://encoding.spec.whatwg.org/#utf-8-decoder): an invalid sequence ends before
 * the first byte that doesn't belong to it. A byte order mark is no word character, so it needs no care.
 */
export class Utf8Scanner implements Scanner {
  /** Continuation bytes that the current character still needs, and the bounds of the next of them. */
  private needed = 0;
  private lowest = 0x80;
  private highest = 0xbf;
  private codePoint = 0;
  private readonly word: Uint8Array;

  /** @param pieceBytes the most bytes that `scan` is given at a time */
  public constructor(
    private readonly sink: WordSink,
    pieceBytes: number,
  ) {
    this.word = new Uint8Array(pieceBytes);
  }

  public scan(bytes: Uint8Array, start: number, end: number): void {
    const { sink, word } = this;
    const { hashSeed } = sink;
    let at = this.needed > 0 || sink.inWord ? this.scanCharacters(bytes, start, end) : start;
    while (at < end) {
      let kind = CLASSES[bytes[at] ?? 0] ?? 0;
      if (kind === SEPARATOR) {
        at += 1;
        continue;
      }
      const wordStart = at;
      let length = 0;
      let hash = hashSeed;
      for (;;) {
        while (kind > NOT_ASCII) {
          hash = imul(hash ^ kind, HASH_PRIME);
          word[length] = kind;
          length += 1;
          at += 1;
          kind = at < end ? (CLASSES[bytes[at] ?? 0] ?? 0) : NOT_ASCII;
        }
        if (kind !== SEPARATOR || bytes[at] !== APOSTROPHE) break;
        kind = at + 1 < end ? (CLASSES[bytes[at + 1] ?? 0] ?? 0) : NOT_ASCII;
        if (kind <= NOT_ASCII) break;
        hash = imul(hash ^ APOSTROPHE, HASH_PRIME);
        word[length] = APOSTROPHE;
        length += 1;
        at += 1;
      }
      if (kind === SEPARATOR) sink.addAscii(word, length, hash);
      else at = this.scanCharacters(bytes, wordStart, end);
    }
  }

  /** Goes on until no character and no word is open. @returns the place after it, at most `end` */
  private scanCharacters(bytes: Uint8Array, start: number, end: number): number {
    const { sink } = this;
    for (let at = start; at < end;) {
      const byte = bytes[at] ?? 0;
      if (this.needed === 0) {
        at += 1;
        if (byte < 0x80) sink.accept(byte);
        else this.startCharacter(byte);
      } else if (byte < this.lowest || byte > this.highest) {
        this.needed = 0; // and look at this byte again: it may start something
        sink.endWord();
      } else {
        at += 1;
        this.continueCharacter(byte);
      }
      if (this.needed === 0 && !sink.inWord) return at;
    }
    return end;
  }

  private startCharacter(byte: number): void {
    this.lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    if (byte >= 0xc2 && byte <= 0xdf) {
      this.needed = 1;
      this.codePoint = byte & 0x1f;
    } else if (byte >= 0xe0 && byte <= 0xef) {
      this.needed = 2;
      this.codePoint = byte & 0x0f;
    } else if (byte >= 0xf0 && byte <= 0xf4) {
      this.needed = 3;
      this.codePoint = byte & 0x07;
    } else {
      this.sink.endWord();
    }
  }

  private continueCharacter(byte: number): void {
    this.codePoint = (this.codePoint << 6) | (byte & 0x3f);
    this.lowest = 0x80;
    this.highest = 0xbf;
    this.needed -= 1;
    if (this.needed === 0) this.sink.accept(this.codePoint);
  }
}
