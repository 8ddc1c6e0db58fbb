import type { SealedLine } from "../../contracts/ledger-rows";
import type { BatchFile } from "./batch-files";

/**
 * Finds the chunks whose partials count while a batch's files are walked: those of a processed file in the generation that holds it, and
 * those of a quarantined whole file, whose lines say what was wrong with it. So what a generation committed of a split file that it did
 * not process as a whole is left out, and so is a file's work of any other generation. Memory is one number per generation: a
 * generation's chunks come in ascending order.
 */
export class CountedChunks {
  private readonly last = new Map<number, number>();

  /** @returns the file's chunks that no file before it was in */
  public newChunks({ generation, parts, status }: BatchFile): SealedLine[] {
    if (status !== "processed" && !(status === "quarantined" && parts.length === 1)) return [];
    return parts.flatMap(({ chunk }) => {
      if (chunk.index <= (this.last.get(generation) ?? -1)) return [];
      this.last.set(generation, chunk.index);
      return [chunk];
    });
  }
}
