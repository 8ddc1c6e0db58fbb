import type { WordCount } from "../results";
import type { Cursor } from "./cursor";
import { WordText } from "./word-text";

/** One word of a partial's counts section: `["word",count]`, without line end. JSON escapes whatever a line can't hold. */
export const countLine = ({ word, count }: WordCount): string => `[${JSON.stringify(word)},${count}]`;

/** Enough that a block costs little more than its bytes, small enough not to matter. */
const BLOCK_BYTES = 32_768;
/** Of a line beside its word: quotes, brackets, comma, line feed, and the digits of 2^53. */
const AROUND_BYTES = 6 + 16;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

/** The counts section of a partial as blocks of whole lines, every line ended by a line feed. A block is the reader's to keep. */
export async function* countLines(cursor: Cursor): AsyncGenerator<Uint8Array, void> {
  const block = new LineBlock();
  for (;;) {
    const step = cursor.advance();
    if (!(typeof step === "boolean" ? step : await step)) break;
    if (!block.put(cursor)) {
      yield block.take();
      block.put(cursor);
    }
  }
  if (!block.isEmpty) yield block.take();
}

class LineBlock {
  private bytes = new Uint8Array(BLOCK_BYTES);
  private used = 0;
  private readonly text = new WordText();

  public get isEmpty(): boolean {
    return this.used === 0;
  }

  /** @returns false when there is no room: `take` the block and put it again. An empty one has room for any line. */
  public put(word: Cursor): boolean {
    if (this.used + word.length + AROUND_BYTES > this.bytes.length) {
      if (this.used > 0) return false;
      this.bytes = new Uint8Array(word.length + AROUND_BYTES);
    }
    if (!this.putPlain(word)) return this.putEscaped(word);
    return true;
  }

  /** The lines so far. */
  public take(): Uint8Array {
    const lines = this.bytes.subarray(0, this.used);
    this.bytes = new Uint8Array(BLOCK_BYTES);
    this.used = 0;
    return lines;
  }

  /** Nearly every word stands in JSON as it is. @returns false when this one doesn't */
  private putPlain({ bytes: from, start, length, count }: Cursor): boolean {
    const { bytes } = this;
    let at = this.used;
    bytes[at++] = 0x5b;
    bytes[at++] = QUOTE;
    for (let index = start; index < start + length; index += 1) {
      const byte = from[index] ?? 0;
      if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return false;
      bytes[at++] = byte;
    }
    bytes[at++] = QUOTE;
    bytes[at++] = 0x2c;
    let digits = 1;
    for (let rest = count; rest >= 10; rest = Math.floor(rest / 10)) digits += 1;
    let rest = count;
    for (let place = at + digits - 1; place >= at; place -= 1) {
      const others = Math.floor(rest / 10);
      bytes[place] = ZERO + rest - 10 * others;
      rest = others;
    }
    at += digits;
    bytes[at++] = 0x5d;
    bytes[at++] = 0x0a;
    this.used = at;
    return true;
  }

  private putEscaped(word: Cursor): boolean {
    const line = Buffer.from(`${countLine({ word: this.text.of(word), count: word.count })}\n`);
    if (this.used + line.length > this.bytes.length) {
      if (this.used > 0) return false;
      this.bytes = new Uint8Array(line.length);
    }
    this.bytes.set(line, this.used);
    this.used += line.length;
    return true;
  }
}
