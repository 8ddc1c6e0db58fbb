import { createGunzip, type Gunzip } from "node:zlib";
import { CorruptGzipError, type Decompressor } from "../ports/decompressor";

/** Codes of zlib that blame the data: https://nodejs.org/api/zlib.html#constants (Z_DATA_ERROR, Z_BUF_ERROR, Z_NEED_DICT) */
const DATA_ERRORS = new Set(["Z_DATA_ERROR", "Z_BUF_ERROR", "Z_NEED_DICT"]);
const OUTPUT_BYTES = 65_536;

/** Unpacks gzip with Node's zlib, which goes through members that follow each other, and stops at the first zero byte between them. */
export const nodeZlib: Decompressor = { gunzip };

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const source = new PackedBytes(packed);
  try {
    for (let isFirst = true; await source.hasMember(isFirst); isFirst = false) yield* unpackMembers(source);
  } finally {
    // not awaited: it ends once the chunk that is asked for has come, and nobody waits for that
    source.close().catch(() => undefined);
  }
}

/** Unpacks members up to the first zero byte after one of them, or the end. */
async function* unpackMembers(source: PackedBytes): AsyncGenerator<Uint8Array, void> {
  const unpacker = createGunzip({ chunkSize: OUTPUT_BYTES });
  const fed = feed(unpacker, source);
  // its error is the unpacker's, too
  fed.catch(() => undefined);
  try {
    for await (const chunk of unpacker) yield chunk as Uint8Array;
    await fed;
  } catch (error) {
    throw isDataError(error) ? new CorruptGzipError(error.message, { cause: error }) : error;
  } finally {
    unpacker.destroy();
  }
}

/** Feeds an unpacker chunk by chunk until it ends; what it did not take of the last one is put back. */
async function feed(unpacker: Gunzip, source: PackedBytes): Promise<void> {
  const ended = new Promise<void>((resolve) => {
    unpacker.once("end", resolve).once("close", resolve);
  });
  try {
    for (let chunk = await source.next(); chunk !== undefined; chunk = await source.next()) {
      if (unpacker.destroyed) return;
      const before = unpacker.bytesWritten;
      const taken = new Promise<void>((resolve) => {
        unpacker.write(chunk, () => {
          resolve();
        });
      });
      await Promise.race([taken, ended]);
      const left = chunk.subarray(unpacker.bytesWritten - before);
      if (left.length === 0) continue;
      source.putBack(left);
      return;
    }
    unpacker.end();
  } catch (error) {
    unpacker.destroy(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Packed bytes, of which some may be put back. */
class PackedBytes {
  private readonly source: AsyncIterator<Uint8Array>;
  private rest: Uint8Array | undefined;

  public constructor(packed: AsyncIterable<Uint8Array>) {
    this.source = packed[Symbol.asyncIterator]();
  }

  /** @returns undefined at the end, never an empty chunk */
  public async next(): Promise<Uint8Array | undefined> {
    const { rest } = this;
    this.rest = undefined;
    if (rest !== undefined && rest.length > 0) return rest;
    for (;;) {
      const next = await this.source.next();
      if (next.done === true) return undefined;
      if (next.value.length > 0) return next.value;
    }
  }

  public putBack(bytes: Uint8Array): void {
    this.rest = bytes;
  }

  /** Goes to the next member: zero bytes before it are padding, but for the first one. @returns false when nothing is left */
  public async hasMember(isFirst: boolean): Promise<boolean> {
    for (let chunk = await this.next(); chunk !== undefined; chunk = await this.next()) {
      const start = isFirst ? 0 : chunk.findIndex((byte) => byte !== 0);
      if (start < 0) continue;
      this.putBack(chunk.subarray(start));
      return true;
    }
    return false;
  }

  public async close(): Promise<void> {
    await this.source.return?.();
  }
}

// by shape and not by `instanceof`: errors of Node's own modules come from another realm when a test runner isolates ours
const isDataError = (error: unknown): error is { readonly message: string } =>
  typeof error === "object" && error !== null && "code" in error && DATA_ERRORS.has(String(error.code));
