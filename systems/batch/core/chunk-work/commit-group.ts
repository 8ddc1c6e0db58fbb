import path from "node:path";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import type { GenerationRef } from "../../contracts/batch";
import { type PartialLine, type Split } from "../../contracts/files";
import { fileWordsOf } from "../../../../workloads/word-count/results";
import type { OutcomeLetter, PartialPointer } from "../../contracts/ledger-rows";
import { partialKey } from "../../contracts/state-keys";
import { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import type { FileItem } from "../../ports/result-store";
import { mergeInto } from "../../../../workloads/word-count/merge";
import type { SplitStats } from "../../../../workloads/word-count/count-split";
import { letterOfReason } from "./outcome";
import type { WorkedSplit } from "./work-split";
import type { ChunkDeps } from "./chunk-deps";
import { writePartialFile } from "./partial-file";

/** A settled split and, when it was processed, its result line. */
export interface SettledSplit {
  readonly split: Split;
  readonly letter: OutcomeLetter;
  readonly line?: PartialLine;
}

/** Some finished splits of a chunk on their way to one commit. */
export class CommitGroupBuilder {
  public readonly settled: SettledSplit[] = [];
  private bytes = 0;
  /** Counts of the processed splits, once there is one. */
  private merging: { readonly folder: OwnedFolder; readonly counter: SpillingCounter } | undefined;

  /** @param startedAt by the clock's monotonic time */
  public constructor(
    private readonly deps: ChunkDeps,
    private readonly startedAt: number,
  ) {}

  /** Takes a worked split in; its counts are merged and released. */
  public async add(split: Split, worked: WorkedSplit): Promise<void> {
    this.bytes += split.range === undefined ? split.size : split.range.end - split.range.start;
    if (worked.status !== "processed") {
      this.settled.push({ split, letter: letterOfReason(worked.reason) });
      return;
    }
    await mergeInto(await this.openCounter(), worked.counts);
    this.settled.push({ split, letter: "P", line: lineOf(split, worked.stats) });
  }

  public isFull(): boolean {
    const { maximumBytes, maximumMilliseconds, maximumSplits } = this.deps.groupLimits;
    return this.settled.length >= maximumSplits || this.bytes >= maximumBytes || this.ageMilliseconds() >= maximumMilliseconds;
  }

  /** What the group took its slot so far. */
  public ageMilliseconds(): number {
    return this.deps.clock.monotonic() - this.startedAt;
  }

  /** Items of the table `wordfreq`: one per processed whole file; a split file gets its own from `reduce`. */
  public items(batchId: string, optionsHash: string): FileItem[] {
    return this.settled.flatMap(({ split, line }) => {
      if (line === undefined || split.range !== undefined) return [];
      const { bucket, key, etag, size, versionId, lastModified } = split;
      const identity = { bucket, key, etag, size, lastModified, ...(versionId === undefined ? {} : { versionId }) };
      return [{ ...identity, ...fileWordsOf(line), optionsHash, batchId }];
    });
  }

  /**
   * Writes the group's partial: result lines in file order, then merged counts. Nothing points to it before the commit.
   *
   * @returns undefined when no split of the group was processed
   */
  public async writePartial(ref: GenerationRef, chunkIndex: number, claim: number, group: number): Promise<PartialPointer | undefined> {
    const lines = this.settled.flatMap(({ line }) => (line === undefined ? [] : [line]));
    if (this.merging === undefined) return undefined;
    const { counter, folder } = this.merging;
    const file = path.join(folder.path, "partial");
    const size = await writePartialFile(file, lines, counter);
    await this.deps.store.putFile(this.deps.stateBucket, partialKey(ref, chunkIndex, claim, group), file);
    return { claim, group, ...size, splits: lines.length };
  }

  public async dispose(): Promise<void> {
    if (this.merging === undefined) return;
    await this.merging.counter.dispose();
    await this.merging.folder.remove();
  }

  private async openCounter(): Promise<SpillingCounter> {
    this.merging ??= await this.startMerging();
    return this.merging.counter;
  }

  private async startMerging(): Promise<NonNullable<CommitGroupBuilder["merging"]>> {
    const { directory: parent, memoryBytes, onProgress } = this.deps.counting;
    const folder = await OwnedFolder.create(parent, { kind: "scratch", prefix: "group-" });
    // what went to disk is read back while the partial is written: that is progress, too
    return { folder, counter: new SpillingCounter({ memoryBytes, directory: folder.path, onProgress }) };
  }
}

const lineOf = (split: Split, stats: SplitStats): PartialLine => ({ file: split.file, ...stats });
