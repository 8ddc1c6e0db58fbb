/** Reads a text in pieces that may be cut anywhere, and hands its words to a sink. */
export interface Scanner {
  /** Takes the bytes `[start, end)`. */
  scan(bytes: Uint8Array, start: number, end: number): void;
  /** The text is over. */
  end(): void;
}
