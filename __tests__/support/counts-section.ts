import { SpillingCounter } from "../../workloads/word-count/counter/spilling-counter";
import { addCounts } from "../../workloads/word-count/merge";
import type { WordCount } from "../../workloads/word-count/results";
import { chunked, collect } from "./count-harness";

export type Entries = readonly WordCount[];

/** As sections have them: by their bytes, which is the order of code points. */
export const inOrder = (entries: Entries): WordCount[] =>
  [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)));

/** A section of the first format, as batches before the second one stored it. */
export const lineSection = (entries: Entries): Buffer =>
  Buffer.from(
    inOrder(entries)
      .map(({ word, count }) => `${JSON.stringify([word, count])}\n`)
      .join(""),
  );

/** Uses a counter and disposes of it. @param memoryBytes so little that words go to the disk, or not */
export async function withCounter<T>(directory: string, memoryBytes: number, use: (counter: SpillingCounter) => Promise<T>): Promise<T> {
  const counter = new SpillingCounter({ memoryBytes, directory });
  try {
    return await use(counter);
  } finally {
    await counter.dispose();
  }
}

/** The section that a counter writes of these words. */
export const sectionFrom = (directory: string, entries: Entries, memoryBytes = 1 << 20): Promise<Buffer> =>
  withCounter(directory, memoryBytes, async (counter) => {
    for (const { word, count } of entries) await counter.add(word, count);
    return Buffer.concat(await collect(counter.section()));
  });

/** What a counter has after it took these sections in, their bytes in chunks of these sizes. */
export const entriesOf = (
  directory: string,
  sections: readonly Uint8Array[],
  { memoryBytes = 1 << 20, sizes = [5] }: { readonly memoryBytes?: number; readonly sizes?: readonly number[] } = {},
): Promise<WordCount[]> =>
  withCounter(directory, memoryBytes, async (counter) => {
    for (const section of sections) await addCounts(counter, chunked(section, sizes));
    return collect(counter.entries());
  });
