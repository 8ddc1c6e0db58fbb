/** Unpacks streams. */
export interface Decompressor {
  /**
   * Unpacks gzip, concatenated members included, with memory that doesn't depend on the stream's length. An error of `packed` is
   * passed on as it is; leaving the iteration early ends `packed`.
   *
   * @throws CorruptGzipError when the bytes are no gzip or end early
   */
  gunzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** The packed bytes are damaged: no other attempt will do better. */
export class CorruptGzipError extends Error {
  public override readonly name = "CorruptGzipError";
  public constructor(problem: string, options?: ErrorOptions) {
    super(`the gzip data can't be unpacked: ${problem}; pack the file again`, options);
  }
}
