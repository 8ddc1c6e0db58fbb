import type { Cursor } from "./cursor";
import { AROUND_BYTES, BLOCK_BYTES, BLOCK_HEAD_BYTES, HALF_BYTE, putHead, SECTION_BEGINNING, SUMS_BYTES } from "./section-format";

/**
 * A cursor's words as a section, in pieces that are the reader's to keep. No text is made of a word.
 *
 * @param blockBytes what a block's content takes at most, unless one word is longer
 */
export async function* sectionOf(words: Cursor, blockBytes = BLOCK_BYTES): AsyncGenerator<Uint8Array, void> {
  yield SECTION_BEGINNING;
  const block = new BlockWriter(blockBytes);
  let distinct = 0;
  let total = 0;
  for (;;) {
    const step = words.advance();
    if (!(typeof step === "boolean" ? step : await step)) break;
    distinct += 1;
    total += words.count;
    if (!block.put(words)) {
      yield block.take();
      block.put(words);
    }
  }
  if (!block.isEmpty) yield block.take();
  yield lastBlock(distinct, total);
}

function lastBlock(distinct: number, total: number): Uint8Array {
  const block = new Uint8Array(BLOCK_HEAD_BYTES + SUMS_BYTES);
  const view = new DataView(block.buffer);
  view.setFloat64(BLOCK_HEAD_BYTES, distinct, true);
  view.setFloat64(BLOCK_HEAD_BYTES + 8, total, true);
  putHead(block, SUMS_BYTES, 0);
  return block;
}

class BlockWriter {
  private bytes: Uint8Array;
  private used = BLOCK_HEAD_BYTES;
  private entries = 0;

  public constructor(private readonly blockBytes: number) {
    this.bytes = new Uint8Array(BLOCK_HEAD_BYTES + blockBytes);
  }

  public get isEmpty(): boolean {
    return this.entries === 0;
  }

  /** @returns false when there is no room: `take` the block and put it again. An empty one has room for any word. */
  public put({ bytes: from, count, length, shared, start }: Cursor): boolean {
    const kept = this.entries === 0 ? 0 : shared;
    const beyond = length - kept;
    if (this.used + beyond + AROUND_BYTES > this.bytes.length) {
      if (this.entries > 0) return false;
      this.bytes = new Uint8Array(BLOCK_HEAD_BYTES + beyond + AROUND_BYTES);
    }
    const { bytes } = this;
    let at = this.used;
    bytes[at++] = (Math.min(kept, HALF_BYTE) << 4) | Math.min(beyond, HALF_BYTE);
    if (kept >= HALF_BYTE) at = putVarint(bytes, at, kept - HALF_BYTE);
    if (beyond >= HALF_BYTE) at = putVarint(bytes, at, beyond - HALF_BYTE);
    for (let index = start + kept; index < start + length; index += 1) bytes[at++] = from[index] ?? 0;
    this.used = putVarint(bytes, at, count);
    this.entries += 1;
    return true;
  }

  /** The block so far. */
  public take(): Uint8Array {
    const block = this.bytes.subarray(0, this.used);
    putHead(block, this.used - BLOCK_HEAD_BYTES, this.entries);
    this.bytes = new Uint8Array(BLOCK_HEAD_BYTES + this.blockBytes);
    this.used = BLOCK_HEAD_BYTES;
    this.entries = 0;
    return block;
  }
}

/** @returns the place behind it */
function putVarint(bytes: Uint8Array, first: number, value: number): number {
  let at = first;
  let rest = value;
  // counts go beyond 32 bits, where shifting would lose what is above
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes[at++] = (rest % 0x80) | 0x80;
  bytes[at++] = rest;
  return at;
}
