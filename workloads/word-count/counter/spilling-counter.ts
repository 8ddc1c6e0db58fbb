import { present } from "../../../kit/lib/present";
import type { WordCount } from "../results";
import { ByteTable, ENTRY_BYTES } from "./byte-table";
import { forEachWord, type Cursor } from "./cursor";
import { heldBytes, HeldSections } from "./held-sections";
import { MergeCursor } from "./merge-cursor";
import { RunStore } from "./run-store";
import { SectionCursor } from "./section-cursor";
import type { Block } from "./section-format";
import { ReadOnBlocks, SectionReader } from "./section-reader";
import { sectionOf } from "./section-writer";
import { TableCursor } from "./table-cursor";
import { TopWords } from "./top-words";
import { WordText } from "./word-text";

export interface SpillingCounterOptions {
  /**
   * What the counter may take, in bytes. Half of it is for the table (its arrays are at most twice as large as what is in them), a
   * quarter for buffers while runs are merged, the rest for sorting, or for sections that wait to be merged. Below 64 KiB the fixed sizes
   * of buffers weigh more.
   */
  readonly memoryBytes: number;
  /** An existing folder for temporary files, which are made when memory is full and removed by `dispose()`. */
  readonly directory: string;
  /** Called with bytes read back from disk since the last call: long merges are progress too. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** Sums over all words of a counter. */
export interface CountSummary {
  readonly totalWords: number;
  readonly distinctWords: number;
  /** The most frequent words, best first. */
  readonly words: WordCount[];
}

const TABLE_SHARE = 4;
const MERGE_SHARE = 4;
const SECTIONS_SHARE = 4;
/** Entries are numbered with 32 bits and their bytes lie in one array: past this a table would meet V8's array limits. */
const MAXIMUM_TABLE_BYTES = 2 ** 30;

/** The counter was used in a way that would lose counts or its memory bound. */
export class CounterMisuseError extends Error {
  public override readonly name = "CounterMisuseError";
}

/**
 * Counts words within a memory bound: when its table is full it goes to disk as a sorted run, and reading merges the runs. Sums are
 * exact up to 2^53. An error (disk full) leaves the counter unusable: every later call throws it again; dispose of it.
 */
export class SpillingCounter {
  /** For callers that have bytes and hash at hand; after each 64 KiB or so of such additions they must await `relieve()`. */
  public readonly table = new ByteTable();
  private readonly tableBytes: number;
  private readonly sectionsBytes: number;
  private readonly sections: HeldSections;
  private readonly runs: RunStore;
  private readonly encoder = new TextEncoder();
  private scratch = new Uint8Array(256);
  private readers = 0;
  /** Work on the runs, one after the other. */
  private work: Promise<void> | undefined;
  /** Why the counter can't be used any more. */
  private failure: { readonly error: unknown } | undefined;

  public constructor({ memoryBytes, directory, onProgress = () => undefined }: SpillingCounterOptions) {
    this.tableBytes = Math.min(MAXIMUM_TABLE_BYTES, Math.floor(memoryBytes / TABLE_SHARE));
    this.sectionsBytes = Math.floor(memoryBytes / SECTIONS_SHARE);
    this.sections = new HeldSections(this.sectionsBytes);
    this.runs = new RunStore(directory, Math.floor(memoryBytes / MERGE_SHARE), onProgress);
  }

  /** Whether it has no words. */
  public get isEmpty(): boolean {
    return this.table.size === 0 && this.sections.isEmpty && this.runs.isEmpty;
  }

  /**
   * Adds to a word's count. Returns a promise when the table goes to disk: await it before the next call.
   *
   * @throws RangeError for a count that is no whole number from 1, or a word of more than 65,535 UTF-8 bytes
   */
  public add(word: string, count: number): void | Promise<void> {
    if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`count ${count} of word '${word}' is not a whole number from 1`);
    if (3 * word.length > this.scratch.length) this.scratch = new Uint8Array(6 * word.length);
    const { written } = this.encoder.encodeInto(word, this.scratch);
    return this.addBytes(this.scratch, 0, written, count);
  }

  /** As `add`, for a word given as UTF-8. */
  public addBytes(bytes: Uint8Array, start: number, length: number, count: number): void | Promise<void> {
    this.assertWritable();
    this.table.add(bytes, start, length, this.table.hash(bytes, start, length), count);
    return this.relieve();
  }

  /** So many different words are about to come: an empty table makes room for them at once, as far as its memory goes. */
  public expect(words: number): void {
    this.assertWritable();
    if (this.table.size === 0) this.table.reserve(Math.min(words, Math.floor(this.tableBytes / ENTRY_BYTES)));
  }

  /** Writes the table to disk when it is full. */
  public relieve(): void | Promise<void> {
    if (this.table.usedBytes <= this.tableBytes) return;
    this.assertWritable();
    return this.exclusively(() => this.spill());
  }

  /**
   * Adds what `section()` of a counter wrote. It waits in memory, and is merged with its like as soon as they are many; what is too large
   * to wait goes to the disk as it comes.
   *
   * @throws BadCountsError; what is wrong with the order of its words may come to light later, when they are merged
   */
  public async addSection(section: AsyncIterable<Uint8Array>): Promise<void> {
    this.assertWritable();
    const reader = new SectionReader(section);
    try {
      await this.exclusively(() => this.take(reader));
    } finally {
      await reader.close();
    }
  }

  /** Each word once with its sum, ascending by code points. May be read more than once; not while adding. */
  public async *entries(): AsyncGenerator<WordCount, void> {
    const text = new WordText();
    const cursor = await this.open();
    try {
      for (;;) {
        const step = cursor.advance();
        if (!(typeof step === "boolean" ? step : await step)) return;
        yield { word: text.of(cursor), count: cursor.count };
      }
    } finally {
      await this.close(cursor);
    }
  }

  /** As `entries`, as a partial's counts section: no text is made of a word. */
  public async *section(): AsyncGenerator<Uint8Array, void> {
    const cursor = await this.open();
    try {
      yield* sectionOf(cursor);
    } finally {
      await this.close(cursor);
    }
  }

  /** Total, distinct words and the `top` most frequent ones. */
  public async summarise(top: number): Promise<CountSummary> {
    const list = new TopWords(top);
    let totalWords = 0;
    let distinctWords = 0;
    await this.forEach((word) => {
      totalWords += word.count;
      distinctWords += 1;
      list.offer(word);
    });
    return { totalWords, distinctWords, words: list.list() };
  }

  /** Adds every count to another counter. */
  public async addTo(other: SpillingCounter): Promise<void> {
    if (other === this) throw new CounterMisuseError("a counter can't be added to itself");
    await this.forEach(({ bytes, start, length, count }) => other.addBytes(bytes, start, length, count));
  }

  /** Removes the temporary files. Safe to call more than once and after errors. */
  public async dispose(): Promise<void> {
    await this.work?.catch(() => undefined); // whoever awaited that work has its error
    this.failure ??= { error: new CounterMisuseError("the counter was disposed of") };
    this.table.clear();
    this.sections.clear();
    await this.runs.dispose();
  }

  private async take(reader: SectionReader): Promise<void> {
    const blocks: Block[] = [];
    let bytes = 0;
    for (let entries = 1; entries > 0;) {
      const block = await reader.next();
      blocks.push(block);
      bytes += heldBytes(block);
      entries = block.entries;
      if (this.sections.bytes + bytes <= this.sectionsBytes) continue;
      await this.spillSections();
      if (bytes <= this.sectionsBytes) continue;
      await this.runs.add(new SectionCursor(new ReadOnBlocks(blocks, reader)));
      return;
    }
    await this.sections.add(blocks, bytes);
  }

  /** Sorting takes what sections may take: they go first. */
  private async spill(): Promise<void> {
    await this.spillSections();
    await this.runs.add(new TableCursor(this.table));
    this.table.clear();
  }

  private async spillSections(): Promise<void> {
    if (this.sections.isEmpty) return;
    await this.runs.add(await MergeCursor.of(this.sections.cursors()));
    this.sections.clear();
  }

  /** Visits each word once: as the table has them, which saves the sorting, if all are there; else in order. */
  private async forEach(visit: (word: Pick<Cursor, "bytes" | "start" | "length" | "count">) => void | Promise<void>): Promise<void> {
    if (!this.runs.isEmpty || !this.sections.isEmpty) {
      const cursor = await this.open();
      try {
        await forEachWord(cursor, visit);
      } finally {
        await this.close(cursor);
      }
      return;
    }
    this.assertReadable();
    this.readers += 1;
    try {
      const { table } = this;
      const word = { bytes: table.bytes, start: 0, length: 0, count: 0 };
      for (let entry = 0; entry < table.size; entry += 1) {
        word.start = table.startOf(entry);
        word.length = table.lengthOf(entry);
        word.count = table.countOf(entry);
        const visited = visit(word);
        if (visited !== undefined) await visited;
      }
    } finally {
      this.readers -= 1;
    }
  }

  private async open(): Promise<Cursor> {
    this.assertReadable();
    this.readers += 1;
    try {
      if (this.runs.isEmpty && this.sections.isEmpty) return new TableCursor(this.table);
      let cursor: Cursor | undefined;
      await this.exclusively(async () => {
        if (this.table.size > 0) await this.spillSections();
        cursor = await this.runs.openAll([...this.sections.cursors(), new TableCursor(this.table)]);
      });
      return present(cursor, "the merge of all runs");
    } catch (error) {
      this.readers -= 1;
      throw error;
    }
  }

  private async close(cursor: Cursor): Promise<void> {
    this.readers -= 1;
    await cursor.close();
  }

  private async exclusively(task: () => Promise<void>): Promise<void> {
    const before = this.work ?? Promise.resolve();
    const work = before.then(task).catch((error: unknown) => {
      this.failure = { error };
      throw error;
    });
    this.work = work;
    try {
      await work;
    } finally {
      if (this.work === work) this.work = undefined;
    }
  }

  private assertReadable(): void {
    if (this.failure !== undefined) throw this.failure.error;
  }

  private assertWritable(): void {
    this.assertReadable();
    if (this.work !== undefined)
      throw new CounterMisuseError("a word was added while the counter writes to disk; await the promise that add() returns");
    if (this.readers > 0)
      throw new CounterMisuseError("a word was added while the counter is being read; finish or return() the iteration first");
  }
}
