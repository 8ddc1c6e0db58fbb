import type { Scanner } from "../scanner";
import { Utf8Scanner } from "../utf8-scanner";
import { MAXIMUM_RAW_CODE_POINTS, MAXIMUM_WORD_CODE_POINTS } from "../word-length";
import type { WordSink } from "../word-sink";
import { Kernel } from "./kernel";
import { KernelCounts } from "./kernel-counts";

/** The kernel counts to 2^32, and a word and what ends it take 2 bytes. */
const MAXIMUM_UNREAD_BYTES = 2 ** 32;
/** A word that is open for longer has more code points than any that counts, whatever they are. */
const MAXIMUM_CARRIED_BYTES = 4 * MAXIMUM_RAW_CODE_POINTS + 4;
/** Words that go to the sink before memory is looked after. */
const WORDS_PER_RELIEF = 1_000;

/**
 * Reads UTF-8 as `Utf8Scanner` does, with the kernel in WebAssembly: it counts in tables of its own, which go to the sink when they are
 * full and in the end. A word without end goes through the plain scanner.
 */
export class SimdScanner implements Scanner {
  private readonly kernel: Kernel;
  private readonly plain: Utf8Scanner;
  /** Bytes of text that wait in the kernel's memory. */
  private waiting = 0;
  /** The plain scanner is in a word without end. */
  private isInLongWord = false;
  private unreadBytes = 0;
  private isTaken = false;

  /**
   * @param pieceBytes the most bytes that `scan` is given at a time
   * @param limitBytes what the kernel may take, from `LEAST_KERNEL_BYTES` on
   */
  public constructor(
    private readonly sink: WordSink,
    pieceBytes: number,
    limitBytes: number,
  ) {
    this.kernel = Kernel.acquire({
      limitBytes,
      minimumWordLength: sink.minimumWordLength,
      maximumWordLength: MAXIMUM_WORD_CODE_POINTS,
      maximumRawLength: MAXIMUM_RAW_CODE_POINTS,
    });
    this.plain = new Utf8Scanner(sink, Math.max(pieceBytes, this.kernel.inputBytes));
  }

  public get invalidBytes(): number {
    return this.kernel.invalidBytes + this.plain.invalidBytes;
  }

  public async scan(bytes: Uint8Array, start: number, end: number): Promise<void> {
    for (let at = start; at < end;) {
      if (this.isInLongWord) {
        at = this.plain.scanWord(bytes, at, end);
        this.isInLongWord = this.plain.isOpen;
        continue;
      }
      const taken = Math.min(end - at, this.kernel.inputBytes - this.waiting);
      this.kernel.text.set(bytes.subarray(at, at + taken), this.waiting);
      this.waiting += taken;
      at += taken;
      if (this.waiting === this.kernel.inputBytes) await this.count(false);
    }
  }

  public async end(): Promise<void> {
    if (this.isInLongWord) this.plain.end();
    this.sink.endWord();
    await this.count(true);
    this.sink.overlongWords += this.kernel.overlongWords;
    this.isTaken = this.sink.isEmpty && this.kernel.sort();
    if (!this.isTaken) await this.handOver();
  }

  /** After the end: the text's words, if none had to go to the sink. The caller's to dispose of. */
  public get counts(): KernelCounts | undefined {
    return this.isTaken ? new KernelCounts(this.kernel) : undefined;
  }

  public dispose(): void {
    if (!this.isTaken) this.kernel.release();
  }

  /** Counts what waits, but for what may go on. */
  private async count(isLast: boolean): Promise<void> {
    const { kernel } = this;
    this.unreadBytes += this.waiting;
    let counted = 0;
    for (;;) {
      counted = kernel.scan(counted, this.waiting, isLast);
      if (!kernel.isFull) break;
      await this.handOver();
    }
    this.keep(counted);
    if (this.unreadBytes > MAXIMUM_UNREAD_BYTES) await this.handOver();
  }

  /** Moves what is not counted to the front; a word that is too long goes to the plain scanner. */
  private keep(counted: number): void {
    const { text } = this.kernel;
    let from = counted;
    if (this.waiting - counted > MAXIMUM_CARRIED_BYTES) {
      from = this.plain.scanWord(text, counted, this.waiting);
      this.isInLongWord = this.plain.isOpen;
    }
    text.copyWithin(0, from, this.waiting);
    this.waiting -= from;
  }

  /** The kernel's words go to the sink. */
  private async handOver(): Promise<void> {
    const { kernel, sink } = this;
    sink.expect(kernel.wordsHeld);
    let words = 0;
    for (const word = kernel.words(); word.advance(); words += 1) {
      if (word.isAsWritten) {
        const added = sink.addAsWritten(word);
        if (added !== undefined) await added;
      } else sink.addFinished(word);
      if (words % WORDS_PER_RELIEF === WORDS_PER_RELIEF - 1) await sink.relieve();
    }
    kernel.forget();
    this.unreadBytes = 0;
  }
}
