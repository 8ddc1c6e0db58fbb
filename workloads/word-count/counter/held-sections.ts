import type { Cursor } from "./cursor";
import { HeldBlocks, SectionCursor } from "./section-cursor";
import type { Block } from "./section-format";

/** What a section takes beside its bytes, about: its cursor and its places in a merge. */
const SECTION_OVERHEAD_BYTES = 1_024;
/** What a block takes beside its bytes. */
const BLOCK_OVERHEAD_BYTES = 128;

export const heldBytes = ({ end, start }: Block): number => end - start + BLOCK_OVERHEAD_BYTES;

/** Sections that wait in memory, as they came, to be merged together: hundreds at a time cost little more than two. */
export class HeldSections {
  private readonly sections: (readonly Block[])[] = [];
  private used = 0;

  /** What they take. */
  public get bytes(): number {
    return this.used;
  }

  public get isEmpty(): boolean {
    return this.sections.length === 0;
  }

  /** @param bytes sum of `heldBytes` */
  public add(blocks: readonly Block[], bytes: number): void {
    this.sections.push(blocks);
    this.used += bytes + SECTION_OVERHEAD_BYTES;
  }

  /** All of them, each from its beginning. */
  public cursors(): Cursor[] {
    return this.sections.map((blocks) => new SectionCursor(new HeldBlocks(blocks)));
  }

  public clear(): void {
    this.sections.length = 0;
    this.used = 0;
  }
}
