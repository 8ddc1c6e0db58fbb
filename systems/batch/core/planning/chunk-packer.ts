import { createHash } from "node:crypto";
import { GROUP_LIMITS } from "../chunk-work/chunk-deps";
import type { Split } from "../../contracts/files";
import { jsonLine, type LineFile } from "../../../../kit/lib/line-file";

/** How splits are packed. */
export interface PackLimits {
  /** Weight that a chunk aims at, in bytes. */
  readonly targetChunkBytes: number;
  /** Files in a chunk: keeps its ledger row below 100 KB. */
  readonly maximumFilesPerChunk: number;
  /** What a file weighs besides its bytes: small files cost calls, not bytes. */
  readonly fileOverheadBytes: number;
}

/** What was packed. Weights are bytes with the overhead of each split. */
export interface PackedTotals {
  readonly splitCount: number;
  readonly chunkCount: number;
  readonly weightBytes: number;
  readonly largestChunkBytes: number;
  readonly largestSplitBytes: number;
  /** Commit groups that the chunks come to by number of files and bytes; each may leave a partial. */
  readonly groupCount: number;
}

/**
 * Packs splits, in the order they come, into chunks: runs that reach neither the target weight nor the number of files; a range of a
 * split file is a chunk of its own. Writes `splits.jsonl` and `chunks.jsonl` as it goes; memory is one chunk.
 */
export class ChunkPacker {
  private lines: string[] = [];
  private chunkBytes = 0;
  private splitCount = 0;
  private chunkCount = 0;
  private weightBytes = 0;
  private largestChunkBytes = 0;
  private largestSplitBytes = 0;
  private groupCount = 0;

  public constructor(
    private readonly splits: LineFile,
    private readonly chunks: LineFile,
    private readonly limits: PackLimits,
  ) {}

  public async add(split: Split): Promise<void> {
    const { range } = split;
    const weight = (range === undefined ? split.size : range.end - range.start) + this.limits.fileOverheadBytes;
    const full = this.lines.length === this.limits.maximumFilesPerChunk || this.chunkBytes + weight > this.limits.targetChunkBytes;
    if (range !== undefined || full) await this.close();
    this.lines.push(jsonLine(split));
    this.chunkBytes += weight;
    this.splitCount += 1;
    this.largestSplitBytes = Math.max(this.largestSplitBytes, weight);
    if (range !== undefined) await this.close();
  }

  /** Closes the last chunk. */
  public async finish(): Promise<PackedTotals> {
    await this.close();
    const { chunkCount, groupCount, largestChunkBytes, largestSplitBytes, splitCount, weightBytes } = this;
    return { splitCount, chunkCount, weightBytes, largestChunkBytes, largestSplitBytes, groupCount };
  }

  private async close(): Promise<void> {
    if (this.lines.length === 0) return;
    const text = this.lines.join("");
    const line = {
      index: this.chunkCount,
      offset: this.splits.bytes,
      length: Buffer.byteLength(text),
      sha256: createHash("sha256").update(text).digest("hex"),
    };
    await this.splits.append(text);
    await this.chunks.append(jsonLine(line));
    this.chunkCount += 1;
    this.weightBytes += this.chunkBytes;
    this.largestChunkBytes = Math.max(this.largestChunkBytes, this.chunkBytes);
    this.groupCount += groupsOf(this.lines.length, this.chunkBytes);
    this.lines = [];
    this.chunkBytes = 0;
  }
}

/** Commit groups of a chunk, by whichever limit closes more of them; the file that fills a group still belongs to it. */
const groupsOf = (splits: number, bytes: number): number =>
  Math.max(Math.ceil(splits / GROUP_LIMITS.maximumSplits), Math.min(splits, Math.ceil(bytes / GROUP_LIMITS.maximumBytes)));
