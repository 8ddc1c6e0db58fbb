import type { Cursor } from "./cursor";
import { MergeCursor } from "./merge-cursor";
import { HeldBlocks, SectionCursor } from "./section-cursor";
import { BadCountsError, blockAt, SECTION_BEGINNING, type Block } from "./section-format";
import { sectionOf } from "./section-writer";

/** What a section takes beside its bytes, about: its cursor and its places in a merge. */
const SECTION_OVERHEAD_BYTES = 1_024;
/** What a block takes beside its bytes. */
const BLOCK_OVERHEAD_BYTES = 128;
/**
 * Sections merged at a time. Measured: of 400 at once each word misses the processor's cache, and takes as long as twice through 20 of them
 * (`npm run bench:parts`).
 */
const FAN_IN = 32;
/** Of the memory for sections, what those that are merged in it may take: the merged one is beside them until they go. */
const MERGED_SHARE = 4;

export const heldBytes = ({ end, start }: Block): number => end - start + BLOCK_OVERHEAD_BYTES;

interface Section {
  readonly blocks: readonly Block[];
  readonly bytes: number;
}

/**
 * Sections that wait in memory, as they came, to be merged together. As soon as some wait they become one of the next level, so that no
 * merge has very many.
 */
export class HeldSections {
  private levels: Section[][] = [];

  /** @param maximumBytes what they may take; its user looks at `bytes` */
  public constructor(private readonly maximumBytes: number) {}

  /** What they take. */
  public get bytes(): number {
    return bytesOf(this.levels.flat());
  }

  public get isEmpty(): boolean {
    return this.levels.every((sections) => sections.length === 0);
  }

  /** @param bytes sum of `heldBytes` */
  public async add(blocks: readonly Block[], bytes: number, level = 0): Promise<void> {
    const sections = (this.levels[level] ??= []);
    sections.push({ blocks, bytes: bytes + SECTION_OVERHEAD_BYTES });
    if (sections.length < FAN_IN || bytesOf(sections) > this.maximumBytes / MERGED_SHARE) return;
    const merged = await blocksOf(await MergeCursor.of(sections.map(cursorOf)));
    this.levels[level] = [];
    await this.add(
      merged,
      merged.reduce((sum, block) => sum + heldBytes(block), 0),
      level + 1,
    );
  }

  /** All of them, each from its beginning. */
  public cursors(): Cursor[] {
    return this.levels.flat().map(cursorOf);
  }

  public clear(): void {
    this.levels = [];
  }
}

const bytesOf = (sections: readonly Section[]): number => sections.reduce((sum, { bytes }) => sum + bytes, 0);
const cursorOf = ({ blocks }: Section): Cursor => new SectionCursor(new HeldBlocks(blocks));

/** The blocks of a section that is not stored anywhere. */
async function blocksOf(words: Cursor): Promise<Block[]> {
  const blocks: Block[] = [];
  for await (const piece of sectionOf(words)) {
    if (piece === SECTION_BEGINNING) continue;
    const block = blockAt(piece, 0);
    if (typeof block === "string") throw new BadCountsError(block);
    blocks.push(block);
  }
  return blocks;
}
