import type { WordCount } from "../results";
import { compareCodePoints } from "../../../kit/lib/compare-code-points";

/** Order of top lists: by count, highest first, then by the word's code points. */
const byRank = (a: WordCount, b: WordCount): number => b.count - a.count || compareCodePoints(a.word, b.word);

/** Keeps the best `limit` of the words offered: a heap with the worst kept word at its root, so it never holds more. */
export class TopList {
  private readonly heap: WordCount[] = [];

  /** @throws RangeError when `limit` is no whole number from 1 */
  public constructor(private readonly limit: number) {
    if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`a top list of ${limit} words is not possible; ask for 1 or more`);
  }

  /** A word with a count below this can't enter; callers may skip making its text. */
  public get threshold(): number {
    return this.heap.length < this.limit ? 0 : (this.heap[0]?.count ?? 0);
  }

  /** Each word may be offered once only, with its final count. */
  public offer(word: string, count: number): void {
    const entry = { word, count };
    if (this.heap.length < this.limit) {
      this.heap.push(entry);
      this.raise(this.heap.length - 1);
      return;
    }
    const worst = this.heap[0];
    if (worst === undefined || byRank(entry, worst) >= 0) return;
    this.heap[0] = entry;
    this.sink();
  }

  /** The kept words, best first. */
  public list(): WordCount[] {
    return [...this.heap].sort(byRank);
  }

  private raise(from: number): void {
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isWorse(at, parent)) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  private sink(): void {
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      let worst = at;
      if (this.isWorse(left, worst)) worst = left;
      if (this.isWorse(left + 1, worst)) worst = left + 1;
      if (worst === at) return;
      this.swap(at, worst);
      at = worst;
    }
  }

  private isWorse(index: number, than: number): boolean {
    const a = this.heap[index];
    const b = this.heap[than];
    return a !== undefined && b !== undefined && byRank(a, b) > 0;
  }

  private swap(i: number, j: number): void {
    const [a, b] = [this.heap[i], this.heap[j]];
    if (a === undefined || b === undefined) return;
    this.heap[i] = b;
    this.heap[j] = a;
  }
}
