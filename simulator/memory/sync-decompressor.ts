import { gunzipSync } from "node:zlib";
import { CorruptGzipError, type Decompressor } from "../../core/ports/decompressor";

/** Unpacks in one go, without a thread of its own: what it does takes no turn of the event loop, so simulated runs stay repeatable. */
export const syncDecompressor: Decompressor = {
  async *gunzip(packed) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of packed) chunks.push(chunk);
    yield unpacked(Buffer.concat(chunks));
  },
};

function unpacked(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed);
  } catch (error) {
    throw new CorruptGzipError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
