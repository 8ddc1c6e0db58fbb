import { open, type FileHandle } from "node:fs/promises";
import type { Cursor } from "./cursor";
import { SectionCursor, type BlockSource } from "./section-cursor";
import {
  BLOCK_BYTES,
  BLOCK_HEAD_BYTES,
  blockAt,
  headAt,
  SECTION_BEGINNING,
  wrongBeginning,
  wrongLength,
  type Block,
} from "./section-format";
import { sectionOf } from "./section-writer";

/** A sorted run on disk: a section (`section-format.ts`). */
export interface Run {
  readonly path: string;
  readonly bytes: number;
}

/** A run is not as it was written: something else changed the file. */
export class BrokenRunError extends Error {
  public override readonly name = "BrokenRunError";
  /** @param reason what is wrong with it */
  public constructor({ path }: Run, reason: string) {
    super(`temporary file ${path} ${reason}; something else changed it, leave the folder to this process alone`);
  }
}

/** Of a reader's buffer: it should hold two blocks, so that it seldom moves what it has. */
const blockBytesFor = (bufferBytes: number): number => Math.min(BLOCK_BYTES, Math.floor(bufferBytes / 2));

/** Writes a cursor's words as a sorted run and closes the cursor. */
export async function writeRun(path: string, words: Cursor, bufferBytes: number): Promise<Run> {
  try {
    const file = await open(path, "wx");
    try {
      let bytes = 0;
      for await (const piece of sectionOf(words, blockBytesFor(bufferBytes))) {
        // appendFile goes on until all bytes are written; a single write may take only some
        await file.appendFile(piece);
        bytes += piece.length;
      }
      return { path, bytes };
    } finally {
      await file.close();
    }
  } finally {
    await words.close();
  }
}

/**
 * The words of a run.
 *
 * @param onRead called with the number of bytes of each piece read
 */
export async function openRun(run: Run, bufferBytes: number, onRead: (bytes: number) => void): Promise<Cursor> {
  return new SectionCursor(new FileBlocks(run, await open(run.path, "r"), bufferBytes, onRead));
}

/** The blocks of a run, through one buffer. */
class FileBlocks implements BlockSource {
  private bytes: Uint8Array;
  private at = 0;
  private filled = 0;
  private read = 0;
  private hasBegun = false;

  public constructor(
    private readonly run: Run,
    private readonly file: FileHandle,
    bufferBytes: number,
    private readonly onRead: (bytes: number) => void,
  ) {
    this.bytes = new Uint8Array(bufferBytes);
  }

  public next(): Block | Promise<Block> {
    return (this.hasBegun && this.take()) || this.fillAndTake();
  }

  public bad(reason: string): Error {
    return new BrokenRunError(this.run, `can't be read: ${reason}`);
  }

  public async close(): Promise<void> {
    await this.file.close();
  }

  private async fillAndTake(): Promise<Block> {
    if (!this.hasBegun) {
      await this.fill(SECTION_BEGINNING.length);
      this.begin();
    }
    for (let block = this.take(); ; block = this.take()) {
      if (block !== undefined) return block;
      await this.fill(this.missing());
    }
  }

  private begin(): void {
    const wrong = wrongBeginning(this.bytes.subarray(0, SECTION_BEGINNING.length));
    if (wrong !== undefined) throw this.bad(wrong);
    this.at = SECTION_BEGINNING.length;
    this.hasBegun = true;
  }

  /** @returns undefined when the block is not in the buffer yet */
  private take(): Block | undefined {
    const { at, bytes } = this;
    const held = this.filled - at;
    if (held < BLOCK_HEAD_BYTES || held < this.missing()) return undefined;
    const block = blockAt(bytes, at);
    if (typeof block === "string") throw this.bad(block);
    this.at = block.end;
    return block;
  }

  /** Bytes that the next block needs, or its head if that has not come. */
  private missing(): number {
    if (this.filled - this.at < BLOCK_HEAD_BYTES) return BLOCK_HEAD_BYTES;
    const head = headAt(this.bytes, this.at);
    const wrong = wrongLength(head);
    if (wrong !== undefined) throw this.bad(wrong);
    return BLOCK_HEAD_BYTES + head.contentBytes;
  }

  /** Reads until so many bytes are there from `at` on. */
  private async fill(bytes: number): Promise<void> {
    this.bytes.copyWithin(0, this.at, this.filled);
    this.filled -= this.at;
    this.at = 0;
    if (bytes > this.bytes.length) this.enlarge(bytes);
    while (this.filled < bytes) {
      const { bytesRead } = await this.file.read(this.bytes, this.filled, this.bytes.length - this.filled);
      if (bytesRead === 0) throw new BrokenRunError(this.run, `has ${this.read} bytes instead of ${this.run.bytes}`);
      this.filled += bytesRead;
      this.read += bytesRead;
      this.onRead(bytesRead);
    }
  }

  /** For a block with a word longer than the buffer. */
  private enlarge(length: number): void {
    const bytes = new Uint8Array(length);
    bytes.set(this.bytes.subarray(0, this.filled));
    this.bytes = bytes;
  }
}
