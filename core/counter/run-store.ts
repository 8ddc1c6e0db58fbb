import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Cursor } from "./cursor";
import { MergeCursor } from "./merge-cursor";
import { RunCursor, writeRun } from "./run-file";

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
  private readonly levels: string[][] = [];
  private folder: string | undefined;
  private made = 0;
  private readonly bufferBytes: number;
  private readonly fanIn: number;

  /** @param memoryBytes what all buffers of a merge may take together */
  public constructor(
    private readonly directory: string,
    memoryBytes: number,
  ) {
    this.bufferBytes = clamp(Math.floor(memoryBytes / (MAXIMUM_FAN_IN + 1)), MINIMUM_BUFFER_BYTES, MAXIMUM_BUFFER_BYTES);
    this.fanIn = clamp(Math.floor(memoryBytes / this.bufferBytes) - 1, MINIMUM_FAN_IN, MAXIMUM_FAN_IN);
  }

  public get isEmpty(): boolean {
    return this.levels.every((paths) => paths.length === 0);
  }

  /** Writes a run of these words, merging older runs where due. */
  public async add(words: Cursor): Promise<void> {
    await this.put(0, words);
  }

  /** All runs and these words as one walk. */
  public async openAll(words: Cursor): Promise<Cursor> {
    try {
      await this.reduceTo(this.fanIn);
    } catch (error) {
      await words.close();
      throw error;
    }
    return this.openRuns(this.levels.flat(), [words]);
  }

  /** Removes all files. */
  public async dispose(): Promise<void> {
    this.levels.length = 0;
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true });
    this.folder = undefined;
  }

  private async put(level: number, words: Cursor): Promise<void> {
    this.folder ??= await mkdtemp(join(this.directory, "counter-"));
    const path = join(this.folder, `run-${this.made}`);
    this.made += 1;
    await writeRun(path, words, this.bufferBytes);
    const paths = (this.levels[level] ??= []);
    paths.push(path);
    if (paths.length < this.fanIn) return;
    await this.mergeInto(level + 1, paths.splice(0));
  }

  private async mergeInto(level: number, paths: readonly string[]): Promise<void> {
    await this.put(level, await this.openRuns(paths, []));
    await Promise.all(paths.map((path) => rm(path)));
  }

  /** Merges the smallest runs, which are those of the lowest levels, until at most `limit` are left. */
  private async reduceTo(limit: number): Promise<void> {
    for (let runs = this.levels.flat().length; runs > limit; runs = this.levels.flat().length) {
      const merged = this.levels.flat().slice(0, Math.min(this.fanIn, runs - limit + 1));
      this.levels.forEach((paths, level) => (this.levels[level] = paths.filter((path) => !merged.includes(path))));
      await this.mergeInto(this.levels.length, merged);
    }
  }

  private async openRuns(paths: readonly string[], others: readonly Cursor[]): Promise<MergeCursor> {
    const cursors = [...others];
    try {
      for (const path of paths) cursors.push(await RunCursor.open(path, this.bufferBytes));
    } catch (error) {
      await Promise.all(cursors.map((cursor) => cursor.close()));
      throw error;
    }
    return MergeCursor.of(cursors);
  }
}

const clamp = (value: number, minimum: number, maximum: number): number => Math.min(maximum, Math.max(minimum, value));
