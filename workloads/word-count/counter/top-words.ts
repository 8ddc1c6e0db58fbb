import { Heap } from "../../../kit/lib/heap";
import type { WordCount } from "../results";
import { compareBytes, type Cursor } from "./cursor";
import { checkedLimit } from "./top-list";

type Word = Pick<Cursor, "bytes" | "start" | "length" | "count">;

/** Order of top lists: by count, highest first, then by the word's UTF-8 bytes, which is the order of its code points. */
const byRank = (a: Word, b: Word): number => b.count - a.count || compareBytes(a, b);

/** As `TopList`, of words that lie in arrays: of those that are kept the bytes are copied, and no text is made before the end. */
export class TopWords {
  private readonly heap = new Heap<Word>((a, b) => byRank(a, b) > 0);
  private readonly limit: number;

  /** @throws RangeError when `limit` is no whole number from 1 */
  public constructor(limit: number) {
    this.limit = checkedLimit(limit);
  }

  /** Each word may be offered once only, with its final count; its bytes may change afterwards. */
  public offer(word: Word): void {
    const { heap } = this;
    if (heap.size < this.limit) {
      heap.push(copied(word));
      return;
    }
    const worst = heap.first;
    if (worst !== undefined && word.count >= worst.count && byRank(word, worst) < 0) heap.replaceFirst(copied(word));
  }

  /** The kept words, best first. */
  public list(): WordCount[] {
    return [...this.heap.values()].sort(byRank).map(({ bytes, count }) => ({ word: Buffer.from(bytes).toString(), count }));
  }
}

const copied = ({ bytes, start, length, count }: Word): Word => ({ bytes: bytes.slice(start, start + length), start: 0, length, count });
