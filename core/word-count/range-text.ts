import type { ByteRange, TextEncoding } from "../contracts/files";

const isLetterDigitOrApostrophe = (unit: number): boolean =>
  (unit >= 0x30 && unit <= 0x39) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0x61 && unit <= 0x7a) || unit === 0x27;

/** An ASCII separator: it ends words and characters in every context, so a text may be cut there and counted in parts. */
const isSafeCut = (unit: number): boolean => unit < 0x80 && !isLetterDigitOrApostrophe(unit);

/** Looks for the first safe separator in a text that comes in chunks, from a place where a character code unit starts. */
class CutSearch {
  private half = -1;
  public constructor(private readonly encoding: TextEncoding) {}

  /** @returns the place after the separator, or -1 when the chunk's rest has none */
  public after(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at += 1) {
      const unit = this.unitEndingIn(chunk[at] ?? 0);
      if (unit >= 0 && isSafeCut(unit)) return at + 1;
    }
    return -1;
  }

  private unitEndingIn(byte: number): number {
    if (this.encoding === "utf-8") return byte;
    const half = this.half;
    this.half = half < 0 ? byte : -1;
    if (half < 0) return -1;
    return this.encoding === "utf-16be" ? (half << 8) | byte : (byte << 8) | half;
  }
}

/**
 * The text of a range `[start, end)` of a file: from just after the first safe separator at or after `start` (from the beginning
 * when `start` is 0) to just after the first one at or after `end` (to the file's end when there is none). Ranges that lie side by
 * side so share every such separator's place, and each character but those separators belongs to exactly one of them.
 *
 * @param body the file's bytes from `range.start` on, without end; left as soon as the range is over
 * @throws RangeError for UTF-16 and an odd start
 */
export async function* textOfRange(
  body: AsyncIterable<Uint8Array>,
  range: ByteRange,
  encoding: TextEncoding,
): AsyncGenerator<Uint8Array, void> {
  const wide = encoding !== "utf-8";
  if (wide && range.start % 2 === 1)
    throw new RangeError(`a range of ${encoding} text starts at ${range.start}, inside a code unit; use an even start`);
  let beginning = range.start === 0 ? undefined : new CutSearch(encoding);
  const ending = new CutSearch(encoding);
  let position = range.start;
  for await (const chunk of body) {
    let from = 0;
    if (beginning !== undefined) {
      from = beginning.after(chunk, 0);
      // the separator that ends this range is also the first one in it: the range is empty
      const found = from < 0 ? position + chunk.length : position + from - (wide ? 2 : 1);
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
