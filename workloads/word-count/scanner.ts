import type { KernelCounts } from "./simd/kernel-counts";

/** Reads a text in pieces that may be cut anywhere, and hands its words to a sink, whose `end()` ends the last one. */
export interface Scanner {
  /**
   * Bytes read so far that are part of no character of the encoding; what begins like a character counts once it can't be one any
   * more. They separate words. How the text is cut into pieces changes nothing.
   */
  readonly invalidBytes: number;
  /** Takes the bytes `[start, end)`. A promise is to be awaited before the next call. */
  scan(bytes: Uint8Array, start: number, end: number): void | Promise<void>;
  /** The text is over: a character that its end cuts is none. */
  end(): void | Promise<void>;
  /** After the end: the text's words, if the scanner has kept them all for itself. The caller's to dispose of. */
  readonly counts?: KernelCounts | undefined;
  /** It is not used any more. */
  dispose?(): void;
}
