import { commonLength, type Cursor } from "../counter/cursor";
import { sectionOf } from "../counter/section-writer";
import { CounterMisuseError, type CountSummary, type SpillingCounter } from "../counter/spilling-counter";
import { TopWords } from "../counter/top-words";
import { WordText } from "../counter/word-text";
import type { CountedWords } from "../merge";
import type { WordCount } from "../results";
import { SORTED_NUMBERS, type Kernel } from "./kernel";

/** The words of a text that all stayed in the kernel, sorted. They lie in its memory until they are disposed of. */
export class KernelCounts implements CountedWords {
  private isDisposed = false;

  public constructor(private readonly kernel: Kernel) {}

  /** Total, distinct words and the `top` most frequent ones. */
  public summarise(top: number): CountSummary {
    const list = new TopWords(top);
    let totalWords = 0;
    const words = this.words();
    while (words.advance()) {
      totalWords += words.count;
      list.offer(words);
    }
    return { totalWords, distinctWords: this.kernel.wordsHeld, words: list.list() };
  }

  public async *entries(): AsyncGenerator<WordCount, void> {
    const text = new WordText();
    const words = this.words();
    while (words.advance()) yield await Promise.resolve({ word: text.of(words), count: words.count });
  }

  public section(): AsyncIterable<Uint8Array> {
    return sectionOf(this.words());
  }

  public async addTo(counter: SpillingCounter): Promise<void> {
    const words = this.words();
    counter.expect(this.kernel.wordsHeld);
    while (words.advance()) {
      const added = counter.addBytes(words.bytes, words.start, words.length, words.count);
      if (added !== undefined) await added;
    }
  }

  public dispose(): Promise<void> {
    if (!this.isDisposed) this.kernel.release();
    this.isDisposed = true;
    return Promise.resolve();
  }

  private words(): SortedWords {
    this.assertUsable();
    return new SortedWords(this.kernel);
  }

  private assertUsable(): void {
    if (this.isDisposed) throw new CounterMisuseError("the counter was disposed of");
  }
}

/** A walk through sorted words. */
class SortedWords implements Cursor {
  public readonly bytes: Uint8Array;
  public start = 0;
  public length = 0;
  public count = 0;
  private readonly before = { start: 0, length: 0 };
  private readonly numbers: Uint32Array;
  private next = 0;

  public constructor({ bytes, sorted }: Kernel) {
    this.bytes = bytes;
    this.numbers = sorted;
  }

  /** Worked out only where it is asked for. */
  public get shared(): number {
    return commonLength(this, { bytes: this.bytes, ...this.before });
  }

  public close(): Promise<void> {
    return Promise.resolve();
  }

  public advance(): boolean {
    const { next, numbers } = this;
    this.before.start = this.start;
    this.before.length = this.length;
    if (next >= numbers.length) return false;
    this.start = numbers[next] ?? 0;
    this.length = numbers[next + 1] ?? 0;
    this.count = numbers[next + 2] ?? 0;
    this.next = next + SORTED_NUMBERS;
    return true;
  }
}
