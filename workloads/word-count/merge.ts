import { addLines } from "./count-lines";
import { SECTION_MARK } from "./counter/section-format";
import type { SpillingCounter } from "./counter/spilling-counter";
import type { WordCount } from "./results";

/** The words of a split with their counts; its owner disposes of it. `SpillingCounter` and `KernelCounts` are. */
export interface CountedWords {
  /** Each word once, ascending by code points. */
  entries(): AsyncIterable<WordCount>;
  /** The same as a counts section. */
  section(): AsyncIterable<Uint8Array>;
  /** Adds all counts to a counter. */
  addTo(counter: SpillingCounter): Promise<void>;
  /** Frees memory and temporary files. */
  dispose(): Promise<void>;
}

/** Adds a split's words to a group's counter and disposes of them, also when that fails. */
export async function mergeInto(counter: SpillingCounter, counts: CountedWords): Promise<void> {
  try {
    await counts.addTo(counter);
  } finally {
    await counts.dispose();
  }
}

/**
 * Adds a counts section to a counter, of whatever version: its first byte tells, and no bytes at all are no words. The bytes may come in
 * any chunks.
 *
 * @throws BadCountsError, BadCountLineError of the first format
 */
export async function addCounts(counter: SpillingCounter, section: AsyncIterable<Uint8Array>): Promise<void> {
  const chunks = chunksOf(section);
  try {
    for (let chunk = await chunks.next(); chunk.done !== true; chunk = await chunks.next()) {
      const [first] = chunk.value;
      if (first === undefined) continue;
      const all = startingWith(chunk.value, chunks);
      await (first === SECTION_MARK ? counter.addSection(all) : addLines(counter, all));
      return;
    }
  } finally {
    await chunks.return();
  }
}

async function* chunksOf(section: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  yield* section;
}

async function* startingWith(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
