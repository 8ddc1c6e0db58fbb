import { CorruptGzipError, type Decompressor } from "../../kit/ports/decompressor";
import { GZIP_BEGINNING } from "./content-kind";
import { limited } from "./decompression-limit";

export interface PackedSource {
  /** The bytes of a whole file. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Its name promises gzip. */
  readonly namedGzip: boolean;
}

export interface UnpackDeps {
  readonly decompressor: Decompressor;
  /** A gzip file that unpacks to more bytes is quarantined. */
  readonly decompressionLimitBytes: number;
  /** Called with the packed bytes read: what unpacks to nothing is progress, too. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * A file's bytes, unpacked when they begin as gzip does, whatever the file's name and what its headers say.
 *
 * @throws CorruptGzipError also when the name promises gzip and the content is something else; DecompressionLimitError
 */
export async function* unpacked(source: PackedSource, deps: UnpackDeps): AsyncGenerator<Uint8Array, void> {
  const peeked = new PeekedBody(source.body);
  try {
    const beginning = await peeked.beginning(GZIP_BEGINNING.length);
    if (Buffer.from(beginning).equals(GZIP_BEGINNING)) {
      yield* limited(deps.decompressor.gunzip(watched(peeked, deps.onProgress)), deps.decompressionLimitBytes);
      return;
    }
    if (source.namedGzip && beginning.length > 0) throw new CorruptGzipError("it does not begin as gzip does");
    // by hand and not by `yield*`, which would await each chunk once more
    for await (const chunk of peeked) yield chunk;
  } finally {
    await peeked.close();
  }
}

async function* watched(packed: AsyncIterable<Uint8Array>, onProgress: UnpackDeps["onProgress"]): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of packed) {
    onProgress?.(chunk.length);
    yield chunk;
  }
}

/** A body whose first bytes are looked at before it is read. */
class PeekedBody implements AsyncIterableIterator<Uint8Array> {
  private readonly source: AsyncIterator<Uint8Array>;
  private readonly head: Uint8Array[] = [];

  public constructor(body: AsyncIterable<Uint8Array>) {
    this.source = body[Symbol.asyncIterator]();
  }

  /** @returns the first `length` bytes, fewer when there are no more */
  public async beginning(length: number): Promise<Uint8Array> {
    let bytes = 0;
    while (bytes < length) {
      const next = await this.source.next();
      if (next.done === true) break;
      this.head.push(next.value);
      bytes += next.value.length;
    }
    return Buffer.concat(this.head).subarray(0, length);
  }

  public [Symbol.asyncIterator](): this {
    return this;
  }

  public next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.head.shift();
    return chunk === undefined ? this.source.next() : Promise.resolve({ done: false, value: chunk });
  }

  public async return(): Promise<IteratorResult<Uint8Array>> {
    await this.close();
    return { done: true, value: undefined };
  }

  /** Ends the body; once is enough. */
  public async close(): Promise<void> {
    await this.source.return?.();
  }
}
