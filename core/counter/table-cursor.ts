import type { ByteTable } from "./byte-table";
import { compareBytes, type Cursor } from "./cursor";

const PREFIX_BYTES = 4;
/** Which half of a 64-bit number lies at the higher address: 1 on little-endian machines. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * Entry numbers of a table in ascending order of their bytes. Sorts 64-bit numbers of the first four bytes and the entry number,
 * which needs no comparison function, then only those that share their first four bytes one by one.
 */
export function sortedEntries(table: ByteTable): Uint32Array {
  const { bytes, size } = table;
  const keys = new BigUint64Array(size);
  const halves = new Uint32Array(keys.buffer);
  for (let entry = 0; entry < size; entry += 1) {
    const { start, length } = table.at(entry);
    let prefix = 0;
    for (let at = 0; at < PREFIX_BYTES; at += 1) prefix = (prefix << 8) | (at < length ? (bytes[start + at] ?? 0) : 0);
    halves[2 * entry + HIGH] = prefix;
    halves[2 * entry + 1 - HIGH] = entry;
  }
  keys.sort();
  const order = new Uint32Array(size);
  for (let at = 0; at < size; at += 1) order[at] = halves[2 * at + 1 - HIGH] ?? 0;
  const compare = (a: number, b: number): number => compareBytes({ bytes, ...table.at(a) }, { bytes, ...table.at(b) });
  for (let from = 0; from < size;) {
    let to = from + 1;
    while (to < size && halves[2 * to + HIGH] === halves[2 * from + HIGH]) to += 1;
    if (to - from > 1) order.subarray(from, to).sort(compare);
    from = to;
  }
  return order;
}

/** The words of a table in order. The table must not change meanwhile. */
export class TableCursor implements Cursor {
  public start = 0;
  public length = 0;
  public count = 0;
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
    ({ start: this.start, length: this.length, count: this.count } = this.table.at(entry));
    return true;
  }

  public close(): Promise<void> {
    return Promise.resolve();
  }
}
