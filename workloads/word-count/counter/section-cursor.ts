import { commonLength, type Cursor } from "./cursor";
import { BadCountsError, HALF_BYTE, SUMS_BYTES, type Block } from "./section-format";

/** Gives the blocks of one section in order, the last one too. */
export interface BlockSource {
  /** A promise only when something must be read. A block is valid until the next call. */
  next(): Block | Promise<Block>;
  /** The error that says what is wrong. */
  bad(reason: string): Error;
  close(): Promise<void>;
}

/** Blocks in memory. */
export class HeldBlocks implements BlockSource {
  private at = 0;

  public constructor(private readonly blocks: readonly Block[]) {}

  public next(): Block {
    const block = this.blocks[this.at];
    if (block === undefined) throw this.bad("it has no end");
    this.at += 1;
    return block;
  }

  public bad(reason: string): Error {
    return new BadCountsError(reason);
  }

  public close(): Promise<void> {
    return Promise.resolve();
  }
}

const FIRST_WORD_BYTES = 64;
const NO_BLOCK: Block = { bytes: new Uint8Array(0), start: 0, end: 0, entries: 0 };

/**
 * Walks through a section's words. It holds that they ascend, that each shares with the word before just what it says, that counts are
 * whole numbers from 1, and that all come to the sums of the last block: whoever merges relies on the order.
 */
export class SectionCursor implements Cursor {
  public bytes: Uint8Array = new Uint8Array(FIRST_WORD_BYTES);
  public readonly start = 0;
  public length = 0;
  public count = 0;
  public shared = 0;
  private block = NO_BLOCK;
  /** Where the next entry lies in the block, and how many there are. */
  private next = 0;
  private left = 0;
  private distinct = 0;
  private total = 0;

  public constructor(private readonly source: BlockSource) {}

  public advance(): boolean | Promise<boolean> {
    if (this.left === 0) return this.nextBlock();
    this.take(false);
    return true;
  }

  public close(): Promise<void> {
    return this.source.close();
  }

  private nextBlock(): boolean | Promise<boolean> {
    if (this.next !== this.block.end) throw this.source.bad("a block holds more than its entries");
    const block = this.source.next();
    return block instanceof Promise ? block.then((read) => this.enter(read)) : this.enter(block);
  }

  private enter(block: Block): boolean {
    this.block = block;
    this.next = block.start;
    this.left = block.entries;
    if (block.entries === 0) {
      this.checkSums();
      return false;
    }
    this.take(true);
    this.distinct += block.entries;
    return true;
  }

  /** @param isFirst of its block */
  private take(isFirst: boolean): void {
    const { block } = this;
    const { bytes: from, end } = block;
    const head = from[this.next] ?? 0;
    let at = this.next + 1;
    let shared = head >>> 4;
    let beyond = head & HALF_BYTE;
    if (shared === HALF_BYTE || beyond === HALF_BYTE) {
      this.next = at;
      if (shared === HALF_BYTE) shared += this.varint();
      if (beyond === HALF_BYTE) beyond += this.varint();
      at = this.next;
    }
    if (at + beyond >= end) throw this.source.bad("a word goes beyond its block");
    if (isFirst && shared === 0) {
      const word = { bytes: from, start: at, length: beyond };
      shared = commonLength(this, word);
      at += shared;
      beyond -= shared;
    }
    this.checkOrder(shared, beyond, from[at] ?? 0);
    const length = shared + beyond;
    if (length > this.bytes.length) this.enlarge(length);
    const { bytes } = this;
    for (let index = shared; index < length; index += 1) bytes[index] = from[at++] ?? 0;
    this.shared = shared;
    this.length = length;
    const byte = from[at] ?? 0;
    this.next = at + 1;
    if (byte < 0x80) this.count = byte;
    else {
      this.next = at;
      this.count = this.varint();
    }
    if (this.count === 0) throw this.source.bad("a count is 0");
    if (this.next > end) throw this.source.bad("a count goes beyond its block");
    this.left -= 1;
    this.total += this.count;
  }

  /** One byte tells: the first that is not shared must be greater than the one that the word before has there. */
  private checkOrder(shared: number, beyond: number, first: number): void {
    if (
      shared < this.length ? beyond > 0 && first > (this.bytes[shared] ?? 0) : shared === this.length && (beyond > 0 || this.distinct === 0)
    )
      return;
    throw this.source.bad("its words are not in order");
  }

  private varint(): number {
    const { bytes, end } = this.block;
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = this.next < end ? bytes[this.next++] : undefined;
      if (byte === undefined) throw this.source.bad("a number goes beyond its block");
      value += (byte & 0x7f) * factor;
      if (!Number.isSafeInteger(value)) throw this.source.bad("a number is beyond what is exact");
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  private checkSums(): void {
    const { bytes, end, start } = this.block;
    if (end - start !== SUMS_BYTES) throw this.source.bad("its last block holds no sums");
    const view = new DataView(bytes.buffer, bytes.byteOffset + start, SUMS_BYTES);
    const [distinct, total] = [view.getFloat64(0, true), view.getFloat64(8, true)];
    if (distinct !== this.distinct || total !== this.total)
      throw this.source.bad(`it holds ${this.distinct} words that occur ${this.total} times instead of ${distinct} and ${total}`);
    this.next = end;
  }

  private enlarge(length: number): void {
    const bytes = new Uint8Array(2 * length);
    bytes.set(this.bytes);
    this.bytes = bytes;
  }
}
