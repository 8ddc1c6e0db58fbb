import type { ByteRange } from "../../kit/lib/byte-range";
import { codeUnitBytes, isSplittable, type TextEncoding } from "./text-encodings";

const isLetterDigitOrApostrophe = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a) || unit === 0x27;

/**
 * Where a text may be cut. At words: after an ASCII separator, which ends words and characters in every context, so that the parts can be
 * counted. At lines: after a line feed.
 */
const IS_CUT = {
  words: (unit: number): boolean => unit < 0x80 && !isLetterDigitOrApostrophe(unit),
  lines: (unit: number): boolean => unit === 0x0a,
};
export type TextCut = keyof typeof IS_CUT;

/** Looks for the first cut in a text that comes in chunks, from a place where a character code unit starts. */
class CutSearch {
  private readonly unitBytes: number;
  private readonly bigEndian: boolean;
  /** Bytes of the current code unit so far, and their value. */
  private read = 0;
  private unit = 0;

  public constructor(
    encoding: TextEncoding,
    private readonly isCut: (unit: number) => boolean,
  ) {
    this.unitBytes = codeUnitBytes(encoding);
    this.bigEndian = encoding.endsWith("be");
  }

  /** @returns the place after the separator, or -1 when the chunk's rest has none */
  public after(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      if (this.endsUnit(chunk[at] ?? 0) && this.isCut(this.takeUnit())) return at + 1;
    }
    return -1;
  }

  private endsUnit(byte: number): boolean {
    const place = this.bigEndian ? this.unitBytes - 1 - this.read : this.read;
    this.unit |= byte << (8 * place);
    this.read += 1;
    return this.read === this.unitBytes;
  }

  private takeUnit(): number {
    // a unit of four bytes from 2 ** 31 on came out negative
    const unit = this.unit >>> 0;
    this.read = 0;
    this.unit = 0;
    return unit;
  }
}

/**
 * The text of a range `[start, end)` of a file: from just after the first cut at or after `start` (from the beginning when `start`
 * is 0) to just after the first one at or after `end` (to the file's end when there is none). Ranges that lie side by side so share every
 * such place: put together they are the whole text.
 *
 * @param body the file's bytes from `range.start` on, without end; left as soon as the range is over
 * @throws RangeError for a start inside a code unit, and for an encoding that is never cut
 */
export async function* textOfRange(
  body: AsyncIterable<Uint8Array>,
  range: ByteRange,
  encoding: TextEncoding,
  at: TextCut,
): AsyncGenerator<Uint8Array, void> {
  const unitBytes = codeUnitBytes(encoding);
  if (!isSplittable(encoding)) throw new RangeError(`a range of ${encoding} text can't be worked on; plan the file as one split`);
  if (range.start % unitBytes !== 0) {
    throw new RangeError(`a range of ${encoding} text starts at ${range.start}, inside a code unit; use a start that ${unitBytes} divides`);
  }
  let beginning = range.start === 0 ? undefined : new CutSearch(encoding, IS_CUT[at]);
  const ending = new CutSearch(encoding, IS_CUT[at]);
  let position = range.start;
  for await (const chunk of body) {
    let from = 0;
    if (beginning !== undefined) {
      from = beginning.after(chunk, 0);
      // the separator that ends this range is also the first one in it: the range is empty
      const found = from < 0 ? position + chunk.length : position + from - unitBytes;
      if (found >= range.end) return;
      if (from < 0) {
        position += chunk.length;
        continue;
      }
      beginning = undefined;
    }
    const to = position + chunk.length > range.end ? ending.after(chunk, Math.max(0, range.end - position)) : -1;
    yield chunk.subarray(from, to < 0 ? chunk.length : to);
    if (to >= 0) return;
    position += chunk.length;
  }
}
