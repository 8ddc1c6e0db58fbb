import { GROUP_LIMITS } from "../chunk-work/chunk-deps";
import { splitRanges } from "./split-ranges";

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

/** Decides where chunks end, and adds up what is in them: runs that reach neither the target weight nor the number of files. */
export class ChunkTally {
  private chunkSplits = 0;
  private chunkBytes = 0;
  private readonly sums = { splitCount: 0, chunkCount: 0, weightBytes: 0, largestChunkBytes: 0, largestSplitBytes: 0, groupCount: 0 };

  /** @param onChunk told of each chunk as it is closed, with its weight */
  public constructor(
    private readonly limits: PackLimits,
    private readonly onChunk: (weightBytes: number) => void = () => undefined,
  ) {}

  /** Whether a split of so many bytes begins another chunk. */
  public isFullFor(bytes: number): boolean {
    const { fileOverheadBytes, maximumFilesPerChunk, targetChunkBytes } = this.limits;
    return this.chunkSplits === maximumFilesPerChunk || this.chunkBytes + bytes + fileOverheadBytes > targetChunkBytes;
  }

  public add(bytes: number): void {
    const weight = bytes + this.limits.fileOverheadBytes;
    this.chunkSplits += 1;
    this.chunkBytes += weight;
    this.sums.splitCount += 1;
    this.sums.largestSplitBytes = Math.max(this.sums.largestSplitBytes, weight);
  }

  /** Ends the chunk that is being filled; without a split there is none. */
  public close(): void {
    if (this.chunkSplits === 0) return;
    const { chunkBytes, chunkSplits, sums } = this;
    sums.chunkCount += 1;
    sums.weightBytes += chunkBytes;
    sums.largestChunkBytes = Math.max(sums.largestChunkBytes, chunkBytes);
    sums.groupCount += groupsOf(chunkSplits, chunkBytes);
    this.chunkSplits = 0;
    this.chunkBytes = 0;
    this.onChunk(chunkBytes);
  }

  public get totals(): PackedTotals {
    return { ...this.sums };
  }

  /** A file of which nothing but its size is known, as a plan would have it. @param splitBytes above which it is cut into ranges */
  public addFile(bytes: number, splitBytes: number): void {
    const ranges = bytes > splitBytes ? splitRanges(bytes, splitBytes) : undefined;
    if (ranges === undefined) {
      if (this.isFullFor(bytes)) this.close();
      this.add(bytes);
      return;
    }
    for (const { end, start } of ranges) {
      this.close();
      this.add(end - start);
      this.close();
    }
  }
}

/** Commit groups of a chunk, by whichever limit closes more of them; the file that fills a group still belongs to it. */
const groupsOf = (splits: number, bytes: number): number =>
  Math.max(Math.ceil(splits / GROUP_LIMITS.maximumSplits), Math.min(splits, Math.ceil(bytes / GROUP_LIMITS.maximumBytes)));

/** What files of one size come to, without going through them: as many chunks as `addFile` would make. */
export function totalsOfEqualFiles(files: number, bytes: number, limits: PackLimits, splitBytes: number): PackedTotals {
  const perChunk =
    bytes > splitBytes
      ? 1
      : Math.max(1, Math.min(limits.maximumFilesPerChunk, Math.floor(limits.targetChunkBytes / (bytes + limits.fileOverheadBytes))));
  const full = tallyOf(Math.min(files, perChunk), bytes, limits, splitBytes);
  const rest = tallyOf(files % perChunk, bytes, limits, splitBytes);
  const times = Math.floor(files / perChunk);
  if (times === 0) return rest;
  const total = (name: "chunkCount" | "groupCount" | "splitCount" | "weightBytes"): number => times * full[name] + rest[name];
  return {
    splitCount: total("splitCount"),
    chunkCount: total("chunkCount"),
    weightBytes: total("weightBytes"),
    largestChunkBytes: full.largestChunkBytes,
    largestSplitBytes: full.largestSplitBytes,
    groupCount: total("groupCount"),
  };
}

function tallyOf(files: number, bytes: number, limits: PackLimits, splitBytes: number): PackedTotals {
  const tally = new ChunkTally(limits);
  for (let file = 0; file < files; file += 1) tally.addFile(bytes, splitBytes);
  tally.close();
  return tally.totals;
}
