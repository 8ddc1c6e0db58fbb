import path from "node:path";
import { OwnedFolder } from "../../../../kit/folders/owned-folder";
import type { GenerationRef } from "../../contracts/batch";
import { type PartialLine, type Split } from "../../contracts/files";
import type { OutcomeLetter, PartialPointer } from "../../contracts/ledger-rows";
import { partialKey } from "../../contracts/state-keys";
import type { FileItem } from "../../ports/result-store";
import { letterOfReason, outcomeOfLetter, type Outcome } from "../../contracts/outcome";
import type { WorkedSplit } from "./work-split";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import type { Merge } from "../../../../workloads/workload";
import type { ChunkDeps } from "./chunk-deps";
import { partialText, writePartialFile } from "./partial-file";

/** A settled split and, when it was processed or quarantined, its line. */
export interface SettledSplit {
  readonly split: Split;
  readonly letter: OutcomeLetter;
  readonly line?: PartialLine;
}

/** Splits of a group by what became of them, and the one that took longest. */
export interface GroupTally {
  readonly processed: number;
  readonly skipped: number;
  readonly quarantined: number;
  /** As stored. */
  readonly bytes: number;
  readonly slowestFile?: string;
  readonly slowestMilliseconds?: number;
}

/** Some finished splits of a chunk on their way to one commit. */
export class CommitGroupBuilder {
  public readonly settled: SettledSplit[] = [];
  private bytes = 0;
  private addedAt: number;
  private slowest: { readonly split: Split; readonly milliseconds: number } | undefined;
  /** What the processed splits add up to, once there is one. */
  private merging: { readonly folder: OwnedFolder; readonly merge: Merge<unknown, unknown> } | undefined;

  /** @param startedAt by the clock's monotonic time */
  public constructor(
    private readonly deps: ChunkDeps,
    private readonly bound: BoundWorkload,
    private readonly startedAt: number,
  ) {
    this.addedAt = startedAt;
  }

  /** Takes a worked split in; what it adds to the whole is merged and released. */
  public async add(split: Split, worked: WorkedSplit): Promise<void> {
    this.noteTime(split);
    this.bytes += split.range === undefined ? split.size : split.range.end - split.range.start;
    const { file } = split;
    if (worked.status !== "processed") {
      const letter = letterOfReason(worked.reason);
      this.settled.push({ split, letter, ...(worked.status === "skipped" ? {} : { line: { file, detail: worked.detail } }) });
      return;
    }
    if (worked.partial !== undefined) await (await this.openMerge()).add(worked.partial);
    const { outputs, result } = worked;
    this.settled.push({ split, letter: "P", line: { file, result, ...(outputs.length === 0 ? {} : { outputs: [...outputs] }) } });
  }

  /** What its commit tells the log. */
  public tally(): GroupTally {
    const of = (status: Outcome["status"]): number => this.settled.filter(({ letter }) => outcomeOfLetter(letter).status === status).length;
    const counts = { processed: of("processed"), skipped: of("skipped"), quarantined: of("quarantined"), bytes: this.bytes };
    if (this.slowest === undefined) return counts;
    const { split, milliseconds } = this.slowest;
    return { ...counts, slowestFile: `${split.bucket}/${split.key}`, slowestMilliseconds: Math.round(milliseconds) };
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
  public items(batchId: string): FileItem[] {
    return this.settled.flatMap(({ split, line }) => {
      if (line === undefined || "detail" in line || split.range !== undefined) return [];
      const { bucket, key, etag, size, versionId, lastModified } = split;
      const identity = { bucket, key, etag, size, lastModified, ...(versionId === undefined ? {} : { versionId }) };
      return [
        { ...identity, workload: this.bound.name, attributes: this.bound.toAttributes(line.result), optionsHash: this.bound.hash, batchId },
      ];
    });
  }

  /**
   * Writes the group's partial: lines in file order, then what was merged. Nothing points to it before the commit.
   *
   * @returns undefined when no split of the group was processed or quarantined
   */
  public async writePartial(ref: GenerationRef, chunkIndex: number, claim: number, group: number): Promise<PartialPointer | undefined> {
    const lines = this.settled.flatMap(({ line }) => (line === undefined ? [] : [line]));
    if (lines.length === 0) return undefined;
    const pointer = { claim, group, splits: lines.length };
    const key = partialKey(ref, chunkIndex, claim, group);
    if (this.merging === undefined) {
      const text = partialText(lines);
      await this.deps.store.put(this.deps.stateBucket, key, text);
      return { ...pointer, bytes: Buffer.byteLength(text), sectionOffset: Buffer.byteLength(text) };
    }
    const { folder, merge } = this.merging;
    const file = path.join(folder.path, "partial");
    const size = await writePartialFile(file, lines, merge);
    await this.deps.store.putFile(this.deps.stateBucket, key, file);
    return { ...pointer, ...size };
  }

  public async dispose(): Promise<void> {
    if (this.merging === undefined) return;
    await this.merging.merge.dispose();
    await this.merging.folder.remove();
  }

  /** Splits are worked on one after another: what passed since the last one was this one's. */
  private noteTime(split: Split): void {
    const now = this.deps.clock.monotonic();
    const milliseconds = now - this.addedAt;
    if (this.slowest === undefined || milliseconds > this.slowest.milliseconds) this.slowest = { split, milliseconds };
    this.addedAt = now;
  }

  private async openMerge(): Promise<Merge<unknown, unknown>> {
    this.merging ??= await this.startMerging();
    return this.merging.merge;
  }

  private async startMerging(): Promise<NonNullable<CommitGroupBuilder["merging"]>> {
    const { directory: parent, memoryBytes, onProgress } = this.deps.room;
    const folder = await OwnedFolder.create(parent, { kind: "scratch", prefix: "group-" });
    // what went to disk is read back while the partial is written: that is progress, too
    return { folder, merge: this.deps.sessions.merge(this.bound, { memoryBytes, directory: folder.path, onProgress }) };
  }
}
