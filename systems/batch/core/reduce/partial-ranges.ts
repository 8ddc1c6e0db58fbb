import { createHash, type Hash } from "node:crypto";
import path from "node:path";
import { jsonLine, LineFile } from "../../../../kit/lib/line-file";
import type { RangeLine } from "../../contracts/batch";
import type { MergingSummary } from "../../contracts/ledger-rows";
import type { CountedPartial } from "./counted-partial";

/**
 * Partials of a range. 36 s by the measured time of one (core/pricing/reduce-time.ts): long against the second or two that a child and a
 * cold function take, and a twenty-fifth of a function's time, for partials whose words cost more than those that were measured.
 */
export const PARTIALS_PER_RANGE = 5_000;
/** Up to so many ranges' worth of partials one function merges all: two at the same time would not be sooner than one by much. */
const RANGES_WORTH_A_MAP = 2;

/** Whether partials are merged in ranges first. */
export const isMergedInRanges = (partials: number, partialsPerRange: number): boolean => partials > RANGES_WORTH_A_MAP * partialsPerRange;

/** What came of a walk. */
export interface WrittenRanges {
  readonly partialsPath: string;
  readonly rangesPath: string;
  /** Undefined: all is merged in one step. */
  readonly merging: MergingSummary | undefined;
}

/**
 * Writes the partials that count, as they are merged, and cuts them into ranges of which none is longer than it should be but for what
 * can't be divided: a cut file's partials, and those of one chunk. The same partials give the same bytes. Memory is one range's hash.
 */
export class PartialRanges {
  private partialCount = 0;
  private rangeCount = 0;
  private offset = 0;
  private inRange = 0;
  private hash: Hash = createHash("sha256");

  private constructor(
    private readonly paths: Omit<WrittenRanges, "merging">,
    private readonly partials: LineFile,
    private readonly ranges: LineFile,
    private readonly partialsPerRange: number,
  ) {}

  /** @param directory existing folder that the two files are made in */
  public static async create(directory: string, partialsPerRange: number): Promise<PartialRanges> {
    const paths = { partialsPath: path.join(directory, "partials.jsonl"), rangesPath: path.join(directory, "ranges.jsonl") };
    const partials = await LineFile.create(paths.partialsPath);
    return new PartialRanges(paths, partials, await LineFile.create(paths.rangesPath), partialsPerRange);
  }

  /** Adds the partials that begin to count with a file. @returns index of the range that they are in */
  public async add(partials: readonly CountedPartial[]): Promise<number> {
    if (partials.length === 0) return this.rangeCount;
    if (this.inRange > 0 && this.inRange + partials.length > this.partialsPerRange) await this.closeRange();
    for (const partial of partials) {
      const line = jsonLine(partial);
      this.hash.update(line);
      await this.partials.append(line);
    }
    this.inRange += partials.length;
    this.partialCount += partials.length;
    return this.rangeCount;
  }

  public async finish(): Promise<WrittenRanges> {
    if (this.inRange > 0) await this.closeRange();
    await this.partials.finish();
    const rangesSha256 = await this.ranges.finish();
    const { partialsPerRange, rangeCount } = this;
    const merging = isMergedInRanges(this.partialCount, partialsPerRange) ? { rangeCount, partialsPerRange, rangesSha256 } : undefined;
    return { ...this.paths, merging };
  }

  /** Closes the files as they are, after a failure. */
  public async abandon(): Promise<void> {
    await Promise.all([this.partials.abandon(), this.ranges.abandon()]);
  }

  private async closeRange(): Promise<void> {
    const end = this.partials.bytes;
    const line: RangeLine = {
      index: this.rangeCount,
      offset: this.offset,
      length: end - this.offset,
      sha256: this.hash.digest("hex"),
    };
    await this.ranges.append(jsonLine(line));
    this.rangeCount += 1;
    this.offset = end;
    this.inRange = 0;
    this.hash = createHash("sha256");
  }
}
