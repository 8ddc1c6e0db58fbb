import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CorruptGzipError, type Decompressor } from "../core/ports/decompressor";

/** Codes of zlib that blame the data: https://nodejs.org/api/zlib.html#constants (Z_DATA_ERROR, Z_BUF_ERROR, Z_NEED_DICT) */
const DATA_ERRORS = new Set(["Z_DATA_ERROR", "Z_BUF_ERROR", "Z_NEED_DICT"]);
const OUTPUT_BYTES = 65_536;

/**
 * Unpacks gzip with Node's zlib. A stream of no bytes unpacks to none; zero bytes after a member are padding, as for gzip(1); other
 * bytes that are no member are an error.
 */
export const nodeZlib: Decompressor = { gunzip };

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const read = { bytes: 0 };
  const source = Readable.from(counted(packed, read), { highWaterMark: 1 });
  const unpacker = createGunzip({ chunkSize: OUTPUT_BYTES });
  source.once("error", (error) => unpacker.destroy(error));
  source.pipe(unpacker);
  try {
    for await (const chunk of unpacker) yield chunk as Uint8Array;
  } catch (error) {
    if (!isDataError(error)) throw error;
    // zlib calls a stream of no bytes at all cut short
    if (read.bytes > 0) throw new CorruptGzipError(error.message, { cause: error });
  } finally {
    unpacker.destroy();
    source.destroy();
  }
}

async function* counted(packed: AsyncIterable<Uint8Array>, read: { bytes: number }): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of packed) {
    read.bytes += chunk.length;
    if (chunk.length > 0) yield chunk;
  }
}

// by shape and not by `instanceof`: errors of Node's own modules come from another realm when a test runner isolates ours
const isDataError = (error: unknown): error is { readonly message: string } =>
  typeof error === "object" && error !== null && "code" in error && DATA_ERRORS.has(String(error.code));
