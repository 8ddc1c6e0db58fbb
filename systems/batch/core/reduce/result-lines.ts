import { partialLinesOf } from "../chunk-work/acknowledge-chunk";
import type { GenerationRef } from "../../contracts/batch";
import type { PartialLine } from "../../contracts/files";
import type { PartialPointer } from "../../contracts/ledger-rows";
import type { BatchFile } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";
import { BatchStateError } from "../stored-batch/errors";
import type { ObjectStore } from "../../../../kit/ports/object-store";

/** A partial with the chunk and the generation that it belongs to. */
export interface CountedPartial {
  readonly ref: GenerationRef;
  readonly index: number;
  readonly pointer: PartialPointer;
}

interface OpenChunk {
  readonly index: number;
  readonly lines: AsyncGenerator<PartialLine>;
}

/**
 * The result lines of a batch's processed files, read from the partials of the generation that holds each while the files are walked
 * in order. It holds that every line of a counted partial is that of one file which stands: so no partial counts a file twice.
 */
export class ResultLines {
  private readonly counted = new CountedChunks();
  private readonly open = new Map<number, OpenChunk>();

  public constructor(
    private readonly store: ObjectStore,
    private readonly stateBucket: string,
    private readonly batchId: string,
  ) {}

  /**
   * Takes the lines of the next processed file: one of a whole file, one per range of a split one.
   *
   * @returns the lines, and the partials that begin to count with this file
   * @throws BatchStateError when a partial holds another file's line, or too few or too many
   */
  public async take(file: BatchFile): Promise<{ readonly lines: PartialLine[]; readonly partials: CountedPartial[] }> {
    const { generation } = file;
    const ref = { batchId: this.batchId, generation };
    const fresh = this.counted.newChunks(file);
    const lines: PartialLine[] = [];
    for (const { chunk } of file.parts) {
      if (fresh.includes(chunk)) {
        await this.endChunk(generation);
        const source = partialLinesOf(this.store, this.stateBucket, { ref, index: chunk.index }, chunk.partials);
        this.open.set(generation, { index: chunk.index, lines: source });
      }
      lines.push(await this.nextLine(file, chunk.index));
    }
    return { lines, partials: fresh.flatMap(({ index, partials }) => partials.map((pointer) => ({ ref, index, pointer }))) };
  }

  /** Says that there are no more files. @throws BatchStateError when a counted partial has lines left */
  public async end(): Promise<void> {
    for (const generation of this.open.keys()) await this.endChunk(generation);
  }

  /** Frees what is open, after a failure too. */
  public async dispose(): Promise<void> {
    for (const { lines } of this.open.values()) await lines.return(undefined);
    this.open.clear();
  }

  private async nextLine({ file, generation }: BatchFile, index: number): Promise<PartialLine> {
    const chunk = this.open.get(generation);
    const next = chunk?.index === index ? await chunk.lines.next() : undefined;
    if (next?.done === false && next.value.file === file.file) return next.value;
    const found = next?.done === false ? `the line of file ${next.value.file}` : "no line";
    throw new BatchStateError(`${this.place(generation, index)} hold ${found} where that of file ${file.file} (${file.key}) belongs`);
  }

  private async endChunk(generation: number): Promise<void> {
    const chunk = this.open.get(generation);
    if (chunk === undefined) return;
    const next = await chunk.lines.next();
    this.open.delete(generation);
    if (next.done === true) return;
    await chunk.lines.return(undefined);
    throw new BatchStateError(`${this.place(generation, chunk.index)} count file ${next.value.file}, whose outcome is not theirs`);
  }

  private place(generation: number, index: number): string {
    return `the partials of chunk ${index} of ${this.batchId} g${generation}`;
  }
}
