import { Heap } from "../../../kit/lib/heap";
import { compareBytes, type Cursor } from "./cursor";

/** Merges ascending cursors into one in which each word comes once, with the sum of its counts. Closes its sources with itself. */
export class MergeCursor implements Cursor {
  public bytes: Uint8Array = new Uint8Array(64);
  public readonly start = 0;
  public length = 0;
  public count = 0;
  /** Sources that stand on a word, the smallest first. */
  private readonly heap = new Heap<Cursor>((a, b) => compareBytes(a, b) < 0);

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
    return merged;
  }

  public advance(): boolean | Promise<boolean> {
    const head = this.heap.first;
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
      const head = this.heap.first;
      if (head === undefined || compareBytes(head, this) !== 0) return true;
      this.count += head.count;
      const step = head.advance();
      if (typeof step !== "boolean") {
        return step.then((more) => {
          this.settle(head, more);
          return this.takeEqual();
        });
      }
      this.settle(head, step);
    }
  }

  /** Puts the first source where it belongs after it moved on. */
  private settle(head: Cursor, more: boolean): void {
    if (more) this.heap.replaceFirst(head);
    else this.heap.pop();
  }
}
