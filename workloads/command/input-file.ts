import { createWriteStream } from "node:fs";
import { link } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import type { WorkContext } from "../workload";

/** Of most file systems. https://man7.org/linux/man-pages/man3/pathconf.3.html */
const MAXIMUM_NAME_BYTES = 255;
/** Of a file's name its ending says the kind. */
const LONGEST_ENDING = /\.[A-Za-z0-9]{1,16}$/;
const NAMELESS = "file";

/** Writes a body to the disk as it is stored, for any number of tries. @throws what the body and the disk throw */
export async function storeInput(body: AsyncIterable<Uint8Array>, file: string, { onProgress, signal }: WorkContext): Promise<void> {
  async function* watched(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of body) {
      onProgress?.(chunk.length);
      yield chunk;
    }
  }
  // read-only: a try must find what the one before found
  await pipeline(watched(), createWriteStream(file, { flags: "wx", mode: 0o444 }), signal === undefined ? {} : { signal });
}

/** Gives a run its own name for the stored input. @returns the path */
export async function placeInput(stored: string, folder: string, key: string, isPlain: boolean): Promise<string> {
  const place = path.join(folder, localName(key, isPlain));
  await link(stored, place);
  return place;
}

/**
 * The last part of a key as a file's name, so that a program sees its ending.
 *
 * @param isPlain true: what means something to a shell becomes `_`
 */
export function localName(key: string, isPlain: boolean): string {
  const last = key.split("/").findLast((part) => part !== "") ?? "";
  const name = isPlain ? last.replaceAll(/[^A-Za-z0-9._-]/gu, "_").replace(/^-/, "_") : last;
  if (!["", ".", ".."].includes(name) && !name.includes("\0") && Buffer.byteLength(name) <= MAXIMUM_NAME_BYTES) return name;
  return NAMELESS + (LONGEST_ENDING.exec(name)?.[0] ?? "");
}
