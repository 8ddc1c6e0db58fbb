import type { Scanner } from "./scanner";
import type { WordSink } from "./word-sink";

const UNIT_BYTES = 2;

/** Reads UTF-16. Halves of surrogate pairs that stand alone, and an odd byte at the end, are no characters. */
export class Utf16Scanner implements Scanner {
  public invalidBytes = 0;
  /** First byte of a code unit whose second has not come; -1 for none. */
  private half = -1;
  /** First half of a surrogate pair; 0 for none. */
  private lead = 0;

  public constructor(
    private readonly sink: WordSink,
    private readonly bigEndian: boolean,
  ) {}

  public scan(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.half < 0) {
        this.half = byte;
      } else {
        this.take(this.bigEndian ? (this.half << 8) | byte : (byte << 8) | this.half);
        this.half = -1;
      }
    }
  }

  public end(): void {
    if (this.lead !== 0) this.skip(UNIT_BYTES);
    if (this.half >= 0) this.skip(1);
    this.lead = 0;
    this.half = -1;
  }

  private take(unit: number): void {
    const kind = unit & 0xfc00;
    if (kind === 0xdc00 && this.lead !== 0) {
      const codePoint = 0x1_0000 + ((this.lead & 0x3ff) << 10) + (unit & 0x3ff);
      this.lead = 0;
      this.sink.accept(codePoint);
      return;
    }
    if (this.lead !== 0) this.skip(UNIT_BYTES);
    this.lead = kind === 0xd800 ? unit : 0;
    if (kind === 0xdc00) this.skip(UNIT_BYTES);
    else if (kind !== 0xd800) this.sink.accept(unit);
  }

  private skip(bytes: number): void {
    this.invalidBytes += bytes;
    this.sink.endWord();
  }
}
