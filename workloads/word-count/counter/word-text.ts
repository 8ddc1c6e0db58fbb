import type { Cursor } from "./cursor";

/** Makes texts of words that lie in byte arrays; remembers the last array, as most words of a walk lie in the same one. */
export class WordText {
  private array: Uint8Array | undefined;
  private buffer: Buffer = Buffer.alloc(0);

  public of({ bytes, start, length }: Pick<Cursor, "bytes" | "start" | "length">): string {
    if (bytes !== this.array) {
      this.array = bytes;
      this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    return this.buffer.toString("utf8", start, start + length);
  }
}
