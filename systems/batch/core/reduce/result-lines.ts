import type { StoredPartialLine } from "../chunk-work/acknowledge-chunk";
import type { ProcessedLine } from "../../contracts/files";
import type { BatchFile } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";
import { BatchStateError } from "../stored-batch/errors";
import { countedPartialsOf, type CountedPartial } from "./counted-partial";
import type { LinesAhead } from "./lines-ahead";

/** A processed file's line, and where it was committed. */
export interface CommittedLine {
  readonly line: ProcessedLine;
  readonly chunkIndex: number;
  readonly claim: number;
}

/** What the partials say of one file. */
export interface TakenLines {
  /** One of a whole file, one per range of a split one; none of a file that was not processed. */
  readonly lines: readonly CommittedLine[];
  /** What was wrong with a quarantined file. */
  readonly detail?: string;
  /** Those that begin to count with this file. */
  readonly partials: readonly CountedPartial[];
}

interface PlacedLine extends StoredPartialLine {
  readonly chunkIndex: number;
}

interface OpenChunk {
  readonly index: number;
  readonly lines: AsyncGenerator<StoredPartialLine>;
}

/**
 * The lines of a batch's processed and quarantined files, read from the partials of the generation that holds each while the files are
 * walked in order. It holds that every processed line of a counted partial is that of one file which stands: so no partial counts a file
 * twice. A quarantined line may be that of a file which a later generation took up: it is passed over.
 */
export class ResultLines {
  private readonly counted = new CountedChunks();
  private readonly open = new Map<number, OpenChunk>();

  public constructor(
    private readonly stored: Pick<LinesAhead, "linesOf">,
    private readonly batchId: string,
  ) {}

  /**
   * Takes the lines of the next file that chunks settled.
   *
   * @throws BatchStateError when a partial holds another file's line, or too few or too many
   */
  public async take(file: BatchFile): Promise<TakenLines> {
    const { generation } = file;
    const ref = { batchId: this.batchId, generation };
    const fresh = this.counted.newChunks(file);
    if (file.status === "quarantined" && file.parts.length !== 1) return this.takeSplit(file);
    const taken: PlacedLine[] = [];
    for (const { chunk } of file.parts) {
      if (fresh.includes(chunk)) {
        await this.endChunk(generation);
        this.open.set(generation, { index: chunk.index, lines: this.stored.linesOf(ref, chunk) });
      }
      taken.push({ ...(await this.nextLine(file, chunk.index)), chunkIndex: chunk.index });
    }
    const partials = countedPartialsOf(this.batchId, file, fresh);
    if (file.status === "processed") return { lines: taken.map((line) => this.processed(file, line)), partials };
    return { lines: [], partials, ...this.detailOf(file, taken) };
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

  /** Of a split file each range is a chunk of its own, and none of them counts unless all are processed. */
  private async takeSplit(split: BatchFile): Promise<TakenLines> {
    const { generation, parts } = split;
    const bad = parts.find(({ outcome }) => outcome?.status === "quarantined");
    const taken: PlacedLine[] = [];
    if (bad !== undefined) {
      for await (const line of this.stored.linesOf({ batchId: this.batchId, generation }, bad.chunk))
        if (line.line.file === split.file.file) taken.push({ ...line, chunkIndex: bad.chunk.index });
    }
    return { lines: [], partials: [], ...this.detailOf(split, taken) };
  }

  private processed(file: BatchFile, { chunkIndex, claim, line }: PlacedLine): CommittedLine {
    if (!("detail" in line)) return { line, chunkIndex, claim };
    throw this.contradiction(file, chunkIndex, "quarantined");
  }

  private detailOf(file: BatchFile, [first]: readonly PlacedLine[]): Pick<TakenLines, "detail"> {
    if (first === undefined) return {};
    if ("detail" in first.line) return { detail: first.line.detail };
    throw this.contradiction(file, first.chunkIndex, "processed");
  }

  private contradiction({ file, generation, status }: BatchFile, chunkIndex: number, held: string): BatchStateError {
    return new BatchStateError(
      `${this.place(generation, chunkIndex)} hold file ${file.file} (${file.key}) as ${held}, which was ${status}`,
    );
  }

  private async nextLine({ file, generation }: BatchFile, index: number): Promise<StoredPartialLine> {
    const chunk = this.open.get(generation);
    for (;;) {
      const next = chunk?.index === index ? await chunk.lines.next() : undefined;
      if (next?.done === false && next.value.line.file === file.file) return next.value;
      if (next?.done === false && "detail" in next.value.line && next.value.line.file < file.file) continue;
      const found = next?.done === false ? `the line of file ${next.value.line.file}` : "no line";
      throw new BatchStateError(`${this.place(generation, index)} hold ${found} where that of file ${file.file} (${file.key}) belongs`);
    }
  }

  private async endChunk(generation: number): Promise<void> {
    const chunk = this.open.get(generation);
    if (chunk === undefined) return;
    this.open.delete(generation);
    for await (const { line } of chunk.lines) {
      if ("detail" in line) continue;
      throw new BatchStateError(`${this.place(generation, chunk.index)} count file ${line.file}, whose outcome is not theirs`);
    }
  }

  private place(generation: number, index: number): string {
    return `the partials of chunk ${index} of ${this.batchId} g${generation}`;
  }
}
