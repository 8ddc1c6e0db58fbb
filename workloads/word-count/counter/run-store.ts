import { basename, join } from "node:path";
import type { OwnedFolder } from "../../../kit/folders/owned-folder";
import type { Cursor } from "./cursor";
import { MergeCursor } from "./merge-cursor";
import { openRun, writeRun, type Run } from "./run-file";

/** Runs merged at a time: bounds open files; beyond this another pass over the data is cheaper than more memory. */
const MAXIMUM_FAN_IN = 32;
const MINIMUM_FAN_IN = 2;
/** Buffers from 4 KiB (a page) to 256 KiB, where sequential reading gains no more. */
const MINIMUM_BUFFER_BYTES = 4_096;
const MAXIMUM_BUFFER_BYTES = 262_144;

/**
 * The sorted runs of one counter, in a folder of their own. As soon as as many runs of one level exist as can be merged at a time
 * they become one of the next level, so each word is rewritten a logarithmic number of times and few files are open.
 */
export class RunStore {
  private readonly levels: Run[][] = [];
  private folder: OwnedFolder | undefined;
  private made = 0;
  private readonly bufferBytes: number;
  private readonly fanIn: number;

  /**
   * @param memoryBytes what all buffers of a merge may take together
   * @param onRead called with the number of bytes of each block read from disk
   */
  public constructor(
    private readonly directory: string,
    memoryBytes: number,
    private readonly onRead: (bytes: number) => void,
  ) {
    this.bufferBytes = clamp(Math.floor(memoryBytes / (MAXIMUM_FAN_IN + 1)), MINIMUM_BUFFER_BYTES, MAXIMUM_BUFFER_BYTES);
    this.fanIn = clamp(Math.floor(memoryBytes / this.bufferBytes) - 1, MINIMUM_FAN_IN, MAXIMUM_FAN_IN);
  }

  public get isEmpty(): boolean {
    return this.levels.every((runs) => runs.length === 0);
  }

  /** Writes a run of these words, merging older runs where due. */
  public async add(words: Cursor): Promise<void> {
    await this.put(0, words);
  }

  /** All runs and these words as one walk. */
  public async openAll(words: readonly Cursor[]): Promise<Cursor> {
    try {
      await this.reduceTo(this.fanIn);
    } catch (error) {
      await Promise.all(words.map((each) => each.close()));
      throw error;
    }
    return this.openRuns(this.levels.flat(), words);
  }

  /** Removes all files. */
  public async dispose(): Promise<void> {
    this.levels.length = 0;
    await this.folder?.remove();
    this.folder = undefined;
  }

  private async put(level: number, words: Cursor): Promise<void> {
    this.folder ??= await makeFolder(this.directory);
    const path = join(this.folder.path, `run-${this.made}`);
    this.made += 1;
    const run = await writeRun(path, words, this.bufferBytes);
    const runs = (this.levels[level] ??= []);
    runs.push(run);
    if (runs.length < this.fanIn) return;
    await this.mergeInto(level + 1, runs.splice(0));
  }

  private async mergeInto(level: number, runs: readonly Run[]): Promise<void> {
    await this.put(level, await this.openRuns(runs, []));
    for (const { path } of runs) await this.folder?.removeFile(basename(path));
  }

  /** Merges the smallest runs, which are those of the lowest levels, until at most `limit` are left. */
  private async reduceTo(limit: number): Promise<void> {
    for (let count = this.levels.flat().length; count > limit; count = this.levels.flat().length) {
      const merged = this.levels.flat().slice(0, Math.min(this.fanIn, count - limit + 1));
      this.levels.forEach((runs, level) => (this.levels[level] = runs.filter((run) => !merged.includes(run))));
      await this.mergeInto(this.levels.length, merged);
    }
  }

  private async openRuns(runs: readonly Run[], others: readonly Cursor[]): Promise<MergeCursor> {
    const cursors = [...others];
    try {
      for (const run of runs) cursors.push(await openRun(run, this.bufferBytes, this.onRead));
    } catch (error) {
      await Promise.all(cursors.map((cursor) => cursor.close()));
      throw error;
    }
    return MergeCursor.of(cursors);
  }
}

/** Most counters never go to the disk: what a folder needs is loaded when the first one does. */
async function makeFolder(directory: string): Promise<OwnedFolder> {
  const folders = await import("../../../kit/folders/owned-folder");
  return folders.OwnedFolder.create(directory, { kind: "scratch", prefix: "counter-" });
}

const clamp = (value: number, minimum: number, maximum: number): number => Math.min(maximum, Math.max(minimum, value));
