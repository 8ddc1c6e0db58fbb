/** A walk through words in ascending order of their UTF-8 bytes. The fields describe the current word and are valid until the next step. */
export interface Cursor {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly length: number;
  readonly count: number;
  /** Bytes at its beginning that the word before has too, all of them; 0 of the first word. Merging and writing live on it. */
  readonly shared: number;
  /**
   * Goes to the next word; a promise only when something must be read.
   *
   * @returns false at the end
   */
  advance(): boolean | Promise<boolean>;
  close(): Promise<void>;
}

/** The place of a word. */
export type Word = Pick<Cursor, "bytes" | "start" | "length">;

/** How many bytes two words have in common at their beginnings, of which `from` are known to be. */
export function commonLength(a: Word, b: Word, from = 0): number {
  const least = Math.min(a.length, b.length);
  const { bytes, start } = a;
  const { bytes: otherBytes, start: otherStart } = b;
  let at = from;
  while (at < least && bytes[start + at] === otherBytes[otherStart + at]) at += 1;
  return at;
}

/** Compares two words by their bytes from `from` on. */
export function compareBytes(a: Word, b: Word, from = 0): number {
  const common = Math.min(a.length, b.length);
  for (let at = from; at < common; at += 1) {
    const difference = (a.bytes[a.start + at] ?? 0) - (b.bytes[b.start + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Steps through all words of a cursor. */
export async function forEachWord(cursor: Cursor, visit: (word: Cursor) => void | Promise<void>): Promise<void> {
  for (;;) {
    const step = cursor.advance();
    if (!(typeof step === "boolean" ? step : await step)) return;
    const visited = visit(cursor);
    if (visited !== undefined) await visited;
  }
}
