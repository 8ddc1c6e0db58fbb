import type { WordCount } from "../results";
import { SpillingCounter, type SpillingCounterOptions } from "./spilling-counter";

/** Digits of the greatest count: as many make numbers sort as texts do. */
const DIGITS = String(Number.MAX_SAFE_INTEGER).length;
const rankOf = (count: number): string => String(Number.MAX_SAFE_INTEGER - count).padStart(DIGITS, "0");

/**
 * All words of a counter in the order of top lists: by count, highest first, then by code points. It sorts within its memory bound, on
 * disk where they are many, with a second counter: what that one counts are the words behind their ranks.
 *
 * @param words each once; read to the end before the first one comes out
 */
export async function* rankedEntries(words: AsyncIterable<WordCount>, options: SpillingCounterOptions): AsyncGenerator<WordCount, void> {
  const ranked = new SpillingCounter(options);
  try {
    for await (const { word, count } of words) {
      const added = ranked.add(rankOf(count) + word, count);
      if (added !== undefined) await added;
    }
    for await (const { word, count } of ranked.entries()) yield { word: word.slice(DIGITS), count };
  } finally {
    await ranked.dispose();
  }
}
