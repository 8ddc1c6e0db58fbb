import { AsciiScanner } from "./ascii-scanner";

/**
 * Reads UTF-8. Decodes as the WHATWG decoder does (https://encoding.spec.whatwg.org/#utf-8-decoder): an invalid sequence ends before
 * the first byte that doesn't belong to it. A byte order mark is no word character, so it needs no care.
 */
export class Utf8Scanner extends AsciiScanner {
  /** Bytes of the current character, continuation bytes that it still needs, and the bounds of the next of them. */
  private length = 0;
  private needed = 0;
  private lowest = 0x80;
  private highest = 0xbf;
  private codePoint = 0;

  public end(): void {
    if (this.needed > 0) this.breakOff();
  }

  /** true within a character or a word. */
  public get isOpen(): boolean {
    return this.needed > 0 || this.sink.inWord;
  }

  /** Goes on until nothing is open. @returns the place after it, at most `end` */
  public scanWord(bytes: Uint8Array, start: number, end: number): number {
    return this.scanCharacters(bytes, start, end);
  }

  protected isInCharacter(): boolean {
    return this.needed > 0;
  }

  protected scanCharacters(bytes: Uint8Array, start: number, end: number): number {
    const { sink } = this;
    for (let at = start; at < end;) {
      const byte = bytes[at] ?? 0;
      if (this.needed === 0) {
        at += 1;
        if (byte < 0x80) sink.accept(byte);
        else this.startCharacter(byte);
      } else if (byte < this.lowest || byte > this.highest) {
        this.breakOff(); // and look at this byte again: it may start something
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
      this.skip(1);
    }
    this.length = this.needed + 1;
  }

  private continueCharacter(byte: number): void {
    this.codePoint = (this.codePoint << 6) | (byte & 0x3f);
    this.lowest = 0x80;
    this.highest = 0xbf;
    this.needed -= 1;
    if (this.needed === 0) this.sink.accept(this.codePoint);
  }

  /** The bytes read of the current character are none. */
  private breakOff(): void {
    const read = this.length - this.needed;
    this.needed = 0;
    this.skip(read);
  }
}
