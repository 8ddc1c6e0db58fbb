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

  public async add(split: Split): Promise<void> {
    const { range } = split;
    const bytes = range === undefined ? split.size : range.end - range.start;
    if (range !== undefined || this.tally.isFullFor(bytes)) await this.close();
    this.lines.push(jsonLine(split));
    this.tally.add(bytes);
    if (range !== undefined) await this.close();
  }

  /** Closes the last chunk. */
  public async finish(): Promise<PackedTotals> {
    await this.close();
    return this.tally.totals;
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
