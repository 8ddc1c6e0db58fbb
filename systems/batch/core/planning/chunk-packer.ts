import { createHash } from "node:crypto";
import type { Split } from "../../contracts/files";
import { jsonLine, type LineFile } from "../../../../kit/lib/line-file";
import { ChunkTally, type PackedTotals, type PackLimits } from "./chunk-tally";

/**
 * Packs splits, in the order they come, into chunks: runs that reach neither the target weight nor the number of files; a range of a
 * split file is a chunk of its own. Writes `splits.jsonl` and `chunks.jsonl` as it goes; memory is one chunk.
 */
export class ChunkPacker {
  private lines: string[] = [];
  private readonly tally: ChunkTally;

  public constructor(
    private readonly splits: LineFile,
    private readonly chunks: LineFile,
    limits: PackLimits,
  ) {
    this.tally = new ChunkTally(limits);
  }

  /**
   * @param line of `splits.jsonl`, where the caller has it already
   * @returns a promise when it waits for the disk: await it before the next call
   */
  public add(split: Split, line = jsonLine(split)): void | Promise<void> {
    const { range } = split;
    if (range !== undefined) return this.addAlone(range.end - range.start, line);
    if (this.tally.isFullFor(split.size)) return this.addToNext(split.size, line);
    this.put(split.size, line);
  }

  /** Closes the last chunk. */
  public async finish(): Promise<PackedTotals> {
    await this.close();
    return this.tally.totals;
  }

  private async addAlone(bytes: number, line: string): Promise<void> {
    await this.addToNext(bytes, line);
    await this.close();
  }

  private async addToNext(bytes: number, line: string): Promise<void> {
    await this.close();
    this.put(bytes, line);
  }

  private put(bytes: number, line: string): void {
    this.lines.push(line);
    this.tally.add(bytes);
  }

  private async close(): Promise<void> {
    if (this.lines.length === 0) return;
    const text = this.lines.join("");
    const line = {
      index: this.tally.totals.chunkCount,
      offset: this.splits.bytes,
      length: Buffer.byteLength(text),
      sha256: createHash("sha256").update(text).digest("hex"),
    };
    await this.splits.append(text);
    await this.chunks.append(jsonLine(line));
    this.lines = [];
    this.tally.close();
  }
}
