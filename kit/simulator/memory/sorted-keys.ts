import { compareCodePoints } from "../../lib/compare-code-points";

/** Texts in order of their UTF-8 bytes, each once: the order of S3's keys and of DynamoDB's sort keys. */
export class SortedKeys {
  private readonly keys: string[] = [];

  public get size(): number {
    return this.keys.length;
  }

  /** @param key that is not among them */
  public add(key: string): void {
    this.keys.splice(this.firstFrom(key), 0, key);
  }
  /** @param key that is among them */
  public remove(key: string): void {
    this.keys.splice(this.firstFrom(key), 1);
  }

  /** At most `count` keys after `after`, from the first one on if there is none. */
  public after(after: string | undefined, count: number): string[] {
    const begin = after === undefined ? 0 : this.firstFrom(after);
    const skipped = after !== undefined && this.keys[begin] === after ? 1 : 0;
    return this.keys.slice(begin + skipped, begin + skipped + count);
  }
  /** At most `count` keys before `before`, from the last one on if there is none, in descending order. */
  public before(before: string | undefined, count: number): string[] {
    const end = before === undefined ? this.keys.length : this.firstFrom(before);
    return this.keys.slice(Math.max(0, end - count), end).reverse();
  }

  /** Index of the first key that is not before `key`. Keys come mostly in order, so the end is tried first. */
  private firstFrom(key: string): number {
    const { keys } = this;
    const newest = keys.at(-1);
    if (newest === undefined || compareCodePoints(newest, key) < 0) return keys.length;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareCodePoints(keys[middle] ?? "", key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
