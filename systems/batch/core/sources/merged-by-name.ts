/** Named values given at a time: as many as a listing gives. */
const VALUES_A_PAGE = 1_000;

/**
 * Merges sequences that are sorted by name each, as S3 sorts keys (UTF-8 bytes). Of one name, the value of an earlier sequence comes first.
 *
 * @throws what a sequence throws; the others are ended then, as they are when nobody takes more
 */
export async function* mergedByName<T extends { readonly name: string }>(
  sequences: readonly AsyncGenerator<readonly T[]>[],
): AsyncGenerator<readonly T[]> {
  const heads = sequences.map((sequence) => new Head(sequence));
  try {
    for (const head of heads) await head.next();
    for (let page: T[] = []; ; page = []) {
      while (page.length < VALUES_A_PAGE) {
        const least = leastOf(heads);
        if (least?.value === undefined) break;
        page.push(least.value);
        // only at the end of a page is there something to wait for
        const read = least.next();
        if (read !== undefined) await read;
      }
      if (page.length === 0) return;
      yield page;
    }
  } finally {
    for (const sequence of sequences) await sequence.return(undefined);
  }
}

/** The value of a sequence that is next. */
class Head<T extends { readonly name: string }> {
  /** Absent behind the end. */
  public value: T | undefined;
  /** The value's name: S3 compares bytes. */
  public bytes = Buffer.alloc(0);
  private page: readonly T[] = [];
  private at = -1;

  public constructor(private readonly sequence: AsyncGenerator<readonly T[]>) {}

  /** Goes on to the next value. @returns a promise when it waits for the next page */
  public next(): void | Promise<void> {
    this.at += 1;
    if (this.at >= this.page.length) return this.turn();
    this.show();
  }

  private async turn(): Promise<void> {
    this.at = 0;
    do {
      const next = await this.sequence.next();
      this.page = next.done === true ? [] : next.value;
      if (next.done === true) break;
    } while (this.page.length === 0);
    this.show();
  }

  private show(): void {
    this.value = this.page[this.at];
    if (this.value !== undefined) this.bytes = Buffer.from(this.value.name);
  }
}

function leastOf<T extends { readonly name: string }>(heads: readonly Head<T>[]): Head<T> | undefined {
  let least: Head<T> | undefined;
  for (const head of heads) {
    if (head.value === undefined) continue;
    if (least === undefined || Buffer.compare(head.bytes, least.bytes) < 0) least = head;
  }
  return least;
}
