import type { ByteTable } from "./byte-table";
import { commonLength, type Cursor } from "./cursor";

const KEY_BYTES = 4;
/** Groups up to this size are sorted by comparing whole words: quicker than making keys. */
const SMALL_GROUP = 16;
/** Words that share this many bytes are sorted by comparing: bounds the recursion. */
const DEEPEST_KEY = 64;
/** Which half of a 64-bit number lies at the higher address: 1 on little-endian machines. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** Entry numbers of a table in ascending order of their bytes. */
export function sortedEntries(table: ByteTable): Uint32Array {
  const order = new Uint32Array(table.size);
  for (let entry = 0; entry < order.length; entry += 1) order[entry] = entry;
  new EntrySorter(table, order).sort(0, order.length, 0);
  return order;
}

/**
 * Sorts 64-bit numbers made of four bytes of the word and the entry number, which needs no comparison function; words that share
 * those four bytes are sorted by the next four, and so on.
 */
class EntrySorter {
  private readonly bytes: Uint8Array;
  private readonly keys: BigUint64Array;
  private readonly halves: Uint32Array;

  public constructor(
    private readonly table: ByteTable,
    private readonly order: Uint32Array,
  ) {
    this.bytes = table.bytes;
    this.keys = new BigUint64Array(order.length);
    this.halves = new Uint32Array(this.keys.buffer);
  }

  /** Sorts entries `[from, to)` of the order, which agree in their first `depth` bytes. */
  public sort(from: number, to: number, depth: number): void {
    if (to - from <= SMALL_GROUP || depth > DEEPEST_KEY) {
      if (to - from <= SMALL_GROUP) this.insert(from, to, depth);
      else this.order.subarray(from, to).sort((a, b) => this.compare(a, b, depth));
      return;
    }
    const { halves, order } = this;
    for (let at = from; at < to; at += 1) {
      const entry = order[at] ?? 0;
      halves[2 * at + HIGH] = this.keyOf(entry, depth);
      halves[2 * at + 1 - HIGH] = entry;
    }
    this.keys.subarray(from, to).sort();
    for (let at = from; at < to; at += 1) order[at] = halves[2 * at + 1 - HIGH] ?? 0;
    for (let start = from; start < to;) {
      let end = start + 1;
      while (end < to && halves[2 * end + HIGH] === halves[2 * start + HIGH]) end += 1;
      if (end - start > 1) this.sort(start, end, depth + KEY_BYTES);
      start = end;
    }
  }

  /** Each entry to its place among those before it. */
  private insert(from: number, to: number, depth: number): void {
    const { order } = this;
    for (let at = from + 1; at < to; at += 1) {
      const entry = order[at] ?? 0;
      let place = at;
      while (place > from && this.compare(order[place - 1] ?? 0, entry, depth) > 0) {
        order[place] = order[place - 1] ?? 0;
        place -= 1;
      }
      order[place] = entry;
    }
  }

  /** Four bytes of a word, the first one highest; what the word lacks is 0. */
  private keyOf(entry: number, depth: number): number {
    const start = this.table.startOf(entry) + depth;
    const left = this.table.lengthOf(entry) - depth;
    let key = 0;
    for (let at = 0; at < KEY_BYTES; at += 1) key = (key << 8) | (at < left ? (this.bytes[start + at] ?? 0) : 0);
    return key;
  }

  /** Of two words that agree in their first `depth` bytes. A word may be shorter than that: what it lacks counted as 0. */
  private compare(a: number, b: number, depth: number): number {
    const { bytes, table } = this;
    const lengthA = table.lengthOf(a);
    const lengthB = table.lengthOf(b);
    const startA = table.startOf(a);
    const startB = table.startOf(b);
    const common = Math.min(lengthA, lengthB);
    for (let at = depth; at < common; at += 1) {
      const difference = (bytes[startA + at] ?? 0) - (bytes[startB + at] ?? 0);
      if (difference !== 0) return difference;
    }
    return lengthA - lengthB;
  }
}

/** The words of a table in order. The table must not change meanwhile. */
export class TableCursor implements Cursor {
  public start = 0;
  public length = 0;
  public count = 0;
  public shared = 0;
  private readonly order: Uint32Array;
  private next = 0;

  public constructor(private readonly table: ByteTable) {
    this.order = sortedEntries(table);
  }

  public get bytes(): Uint8Array {
    return this.table.bytes;
  }

  public advance(): boolean {
    const entry = this.order[this.next];
    if (entry === undefined) return false;
    this.next += 1;
    const { bytes } = this.table;
    const word = { bytes, start: this.table.startOf(entry), length: this.table.lengthOf(entry) };
    this.shared = commonLength(this, word);
    this.start = word.start;
    this.length = word.length;
    this.count = this.table.countOf(entry);
    return true;
  }

  public close(): Promise<void> {
    return Promise.resolve();
  }
}
