/** Reads a text in pieces that may be cut anywhere, and hands its words to a sink, whose `end()` ends the last one. */
export interface Scanner {
  /** Takes the bytes `[start, end)`. A character that the text's end cuts is none. */
  scan(bytes: Uint8Array, start: number, end: number): void;
}
