import type { BlockSource } from "./section-cursor";
import {
  BadCountsError,
  BLOCK_HEAD_BYTES,
  blockAt,
  headAt,
  SECTION_BEGINNING,
  wrongBeginning,
  wrongLength,
  type Block,
} from "./section-format";

/**
 * Blocks of a section that comes in chunks of bytes, each checked as it comes, nothing behind the last. Chunks must stay as they are: a
 * block lies in the chunk that holds all of it, and is copied only where it goes across two.
 */
export class SectionReader {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private bytes: Uint8Array = new Uint8Array(0);
  private at = 0;
  private hasBegun = false;

  public constructor(section: AsyncIterable<Uint8Array>) {
    this.chunks = section[Symbol.asyncIterator]();
  }

  /** @throws BadCountsError */
  public async next(): Promise<Block> {
    if (!this.hasBegun) await this.begin();
    await this.need(BLOCK_HEAD_BYTES);
    const head = headAt(this.bytes, this.at);
    const wrong = wrongLength(head);
    if (wrong !== undefined) throw new BadCountsError(wrong);
    await this.need(BLOCK_HEAD_BYTES + head.contentBytes);
    const block = blockAt(this.bytes, this.at);
    if (typeof block === "string") throw new BadCountsError(block);
    this.at += BLOCK_HEAD_BYTES + head.contentBytes;
    if (block.entries === 0) await this.end();
    return block;
  }

  /** Lets go of what the bytes come from. */
  public async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async begin(): Promise<void> {
    await this.need(SECTION_BEGINNING.length);
    const wrong = wrongBeginning(this.bytes.subarray(this.at, this.at + SECTION_BEGINNING.length));
    if (wrong !== undefined) throw new BadCountsError(wrong);
    this.at += SECTION_BEGINNING.length;
    this.hasBegun = true;
  }

  private async end(): Promise<void> {
    for (let left = this.bytes.length - this.at; ;) {
      if (left > 0) throw new BadCountsError("something follows its end");
      const chunk = await this.chunks.next();
      if (chunk.done === true) return;
      left = chunk.value.length;
    }
  }

  private async need(bytes: number): Promise<void> {
    const parts = [this.bytes.subarray(this.at)];
    let have = this.bytes.length - this.at;
    if (have >= bytes) return;
    for (; have < bytes;) {
      const chunk = await this.chunks.next();
      if (chunk.done === true) throw new BadCountsError(`it was cut: ${bytes - have} bytes more were to come`);
      parts.push(chunk.value);
      have += chunk.value.length;
    }
    this.bytes = have === parts.at(-1)?.length ? (parts.at(-1) ?? this.bytes) : Buffer.concat(parts);
    this.at = 0;
  }
}

/** Blocks that were read already, then those that a reader has left. */
export class ReadOnBlocks implements BlockSource {
  private at = 0;

  public constructor(
    private readonly blocks: readonly Block[],
    private readonly reader: SectionReader,
  ) {}

  public next(): Block | Promise<Block> {
    const block = this.blocks[this.at];
    if (block === undefined) return this.reader.next();
    this.at += 1;
    return block;
  }

  public bad(reason: string): Error {
    return new BadCountsError(reason);
  }

  /** The reader's owner closes it. */
  public close(): Promise<void> {
    return Promise.resolve();
  }
}
