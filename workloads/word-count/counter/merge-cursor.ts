import { compareBytes, type Cursor } from "./cursor";

/** Merges ascending cursors into one in which each word comes once, with the sum of its counts. Closes its sources with itself. */
export class MergeCursor implements Cursor {
  public bytes: Uint8Array = new Uint8Array(64);
  public readonly start = 0;
  public length = 0;
  public count = 0;
  /** Sources that stand on a word, as a heap with the smallest word at the root. */
  private readonly heap: Cursor[] = [];

  private constructor(private readonly sources: readonly Cursor[]) {}

  /** Takes the cursors over, also when it fails. */
  public static async of(sources: readonly Cursor[]): Promise<MergeCursor> {
    const merged = new MergeCursor(sources);
    try {
      for (const source of sources) {
        if (await source.advance()) merged.heap.push(source);
      }
    } catch (error) {
      await merged.close();
      throw error;
    }
    for (let at = merged.heap.length >> 1; at >= 0; at -= 1) merged.sink(at);
    return merged;
  }

  public advance(): boolean | Promise<boolean> {
    const head = this.heap[0];
    if (head === undefined) return false;
    if (head.length > this.bytes.length) this.bytes = new Uint8Array(2 * head.length);
    for (let at = 0; at < head.length; at += 1) this.bytes[at] = head.bytes[head.start + at] ?? 0;
    this.length = head.length;
    this.count = 0;
    return this.takeEqual();
  }

  public async close(): Promise<void> {
    await Promise.all(this.sources.map((source) => source.close()));
  }

  /** Adds up all sources that stand on the current word and moves them on. */
  private takeEqual(): boolean | Promise<boolean> {
    for (;;) {
      const head = this.heap[0];
      if (head === undefined || compareBytes(head, this) !== 0) return true;
      this.count += head.count;
      const step = head.advance();
      if (typeof step !== "boolean") {
        return step.then((more) => {
          this.settle(more);
          return this.takeEqual();
        });
      }
      this.settle(step);
    }
  }

  /** Restores the heap after its root moved on. */
  private settle(more: boolean): void {
    if (!more) {
      const last = this.heap.pop();
      if (last === undefined || this.heap.length === 0) return;
      this.heap[0] = last;
    }
    this.sink(0);
  }

  private sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      let least = at;
      if (this.isLess(left, least)) least = left;
      if (this.isLess(left + 1, least)) least = left + 1;
      if (least === at) return;
      const [a, b] = [this.heap[at], this.heap[least]];
      if (a === undefined || b === undefined) return;
      this.heap[at] = b;
      this.heap[least] = a;
      at = least;
    }
  }

  private isLess(index: number, than: number): boolean {
    const a = this.heap[index];
    const b = this.heap[than];
    return a !== undefined && b !== undefined && compareBytes(a, b) < 0;
  }
}
