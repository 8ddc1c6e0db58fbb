import { gunzipSync, type Gunzip } from "node:zlib";
import { CorruptGzipError, type Decompressor } from "../../ports/decompressor";

/** Unpacks in one go, without a thread of its own: what it does takes no turn of the event loop, so simulated runs stay repeatable. */
export const syncDecompressor: Decompressor = {
  async *gunzip(packed) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of packed) chunks.push(chunk);
    yield* unpacked(Buffer.concat(chunks));
  },
};

/** zlib stops at the first zero byte between two members, as the one that works through streams does. */
function* unpacked(packed: Buffer): Generator<Buffer, void> {
  for (let rest = packed; rest.length > 0; rest = withoutPadding(rest)) {
    const { buffer, engine } = gunzip(rest);
    yield buffer;
    rest = rest.subarray(engine.bytesWritten);
  }
}

function gunzip(packed: Buffer): { readonly buffer: Buffer; readonly engine: Gunzip } {
  try {
    // the types don't know this option: https://nodejs.org/api/zlib.html#class-options
    return gunzipSync(packed, { info: true }) as unknown as { readonly buffer: Buffer; readonly engine: Gunzip };
  } catch (error) {
    throw new CorruptGzipError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function withoutPadding(bytes: Buffer): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start < 0 ? Buffer.alloc(0) : bytes.subarray(start);
}
