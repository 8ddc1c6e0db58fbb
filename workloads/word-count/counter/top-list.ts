import type { WordCount } from "../results";
import { compareCodePoints } from "../../../kit/lib/compare-code-points";
import { Heap } from "../../../kit/lib/heap";

/** Order of top lists: by count, highest first, then by the word's code points. */
const byRank = (a: WordCount, b: WordCount): number => b.count - a.count || compareCodePoints(a.word, b.word);

/** @throws RangeError when `limit` is no whole number from 1 */
export function checkedLimit(limit: number): number {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a top list of ${limit} words is not possible; ask for 1 or more`);
  return limit;
}

/** Keeps the best `limit` of the words offered: of those kept the worst comes first, so it never holds more. */
export class TopList {
  private readonly limit: number;
  private readonly heap = new Heap<WordCount>((a, b) => byRank(a, b) > 0);

  /** @throws RangeError when `limit` is no whole number from 1 */
  public constructor(limit: number) {
    this.limit = checkedLimit(limit);
  }

  /** Each word may be offered once only, with its final count. */
  public offer(word: string, count: number): void {
    const entry = { word, count };
    if (this.heap.size < this.limit) {
      this.heap.push(entry);
      return;
    }
    const worst = this.heap.first;
    if (worst !== undefined && byRank(entry, worst) < 0) this.heap.replaceFirst(entry);
  }

  /** The kept words, best first. */
  public list(): WordCount[] {
    return [...this.heap.values()].sort(byRank);
  }
}
