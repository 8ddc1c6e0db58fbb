import { hashWith } from "./counter/byte-table";
import type { Scanner } from "./scanner";
import type { WordSink } from "./word-sink";

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
 * Reads an encoding in which a byte below 128 that begins a character is that character of ASCII. Words of ASCII that end within a
 * piece are lower-cased, hashed and counted in one pass over their bytes (NFC leaves ASCII alone); whatever else is met, from the
 * first byte of such a word until the word's end, is the subclass's, character by character.
 */
export abstract class AsciiScanner implements Scanner {
  public invalidBytes = 0;
  private readonly word: Uint8Array;

  /** @param pieceBytes the most bytes that `scan` is given at a time */
  public constructor(
    protected readonly sink: WordSink,
    pieceBytes: number,
  ) {
    this.word = new Uint8Array(pieceBytes);
  }

  public scan(bytes: Uint8Array, start: number, end: number): void {
    const { sink, word } = this;
    const { start: firstHash, multiplier } = sink.hashSecrets;
    let at = sink.inWord || this.isInCharacter() ? this.scanCharacters(bytes, start, end) : start;
    while (at < end) {
      let kind = CLASSES[bytes[at] ?? 0] ?? 0;
      if (kind === SEPARATOR) {
        at += 1;
        continue;
      }
      const wordStart = at;
      let length = 0;
      let hash = firstHash;
      for (;;) {
        while (kind > NOT_ASCII) {
          hash = hashWith(hash, kind, multiplier);
          word[length] = kind;
          length += 1;
          at += 1;
          kind = at < end ? (CLASSES[bytes[at] ?? 0] ?? 0) : NOT_ASCII;
        }
        if (kind !== SEPARATOR || bytes[at] !== APOSTROPHE) break;
        kind = at + 1 < end ? (CLASSES[bytes[at + 1] ?? 0] ?? 0) : NOT_ASCII;
        if (kind <= NOT_ASCII) break;
        hash = hashWith(hash, APOSTROPHE, multiplier);
        word[length] = APOSTROPHE;
        length += 1;
        at += 1;
      }
      if (kind === SEPARATOR) sink.addAscii(word, length, hash);
      else at = this.scanCharacters(bytes, wordStart, end);
    }
  }

  public abstract end(): void;

  /** true from a character's first byte until its last. */
  protected abstract isInCharacter(): boolean;

  /** Goes on until no character and no word is open. @returns the place after it, at most `end` */
  protected abstract scanCharacters(bytes: Uint8Array, start: number, end: number): number;

  /** Bytes that are no character: they end the word. */
  protected skip(bytes: number): void {
    this.invalidBytes += bytes;
    this.sink.endWord();
  }
}
