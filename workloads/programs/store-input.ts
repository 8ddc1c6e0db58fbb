import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { WorkContext } from "../workload";

/** Writes a body to the disk as it is stored, for any number of tries. @throws what the body and the disk throw */
export async function storeInput(body: AsyncIterable<Uint8Array>, file: string, { onProgress, signal }: WorkContext): Promise<void> {
  async function* watched(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of body) {
      onProgress?.(chunk.length);
      yield chunk;
    }
  }
  try {
    // read-only: a try must find what the one before found
    await pipeline(watched(), createWriteStream(file, { flags: "wx", mode: 0o444 }), signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
