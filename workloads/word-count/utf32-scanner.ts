import type { Scanner } from "./scanner";
import type { WordSink } from "./word-sink";

const UNIT_BYTES = 4;
const HIGHEST_CODE_POINT = 0x10_ffff;

const isCharacter = (unit: number): boolean => unit < 0xd800 || (unit > 0xdfff && unit <= HIGHEST_CODE_POINT);

/** Reads UTF-32. Units above the last code point, surrogates, and what is left of a unit at the end, are no characters. */
export class Utf32Scanner implements Scanner {
  public invalidBytes = 0;
  /** Bytes of the current unit so far, and their value. */
  private read = 0;
  private unit = 0;

  public constructor(
    private readonly sink: WordSink,
    private readonly bigEndian: boolean,
  ) {}

  public scan(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      const place = this.bigEndian ? UNIT_BYTES - 1 - this.read : this.read;
      this.unit |= byte << (8 * place);
      this.read += 1;
      if (this.read === UNIT_BYTES) this.take();
    }
  }

  public end(): void {
    if (this.read > 0) this.skip(this.read);
  }

  private take(): void {
    // a unit from 2 ** 31 on came out negative
    const codePoint = this.unit >>> 0;
    if (isCharacter(codePoint)) this.sink.accept(codePoint);
    else this.skip(UNIT_BYTES);
    this.unit = 0;
    this.read = 0;
  }

  private skip(bytes: number): void {
    this.invalidBytes += bytes;
    this.sink.endWord();
    this.read = 0;
    this.unit = 0;
  }
}
