import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PartialLine } from "../../contracts/files";
import type { Merge } from "../../../../workloads/workload";

export interface PartialFileSize {
  readonly bytes: number;
  /** Where the merged section begins. */
  readonly sectionOffset: number;
}

/** Writes a partial: a line of JSON per processed or quarantined file, in file order, then what the workload merged of them. */
export async function writePartialFile(
  file: string,
  lines: readonly PartialLine[],
  merge: Merge<unknown, unknown>,
): Promise<PartialFileSize> {
  const text = partialText(lines);
  await pipeline(Readable.from(concatenate(text, merge.section())), createWriteStream(file));
  const { size } = await stat(file);
  return { bytes: size, sectionOffset: Buffer.byteLength(text) };
}

async function* concatenate(head: string, rest: AsyncIterable<string | Uint8Array>): AsyncIterable<string | Uint8Array> {
  yield head;
  yield* rest;
}

/** The lines of a partial. */
export const partialText = (lines: readonly PartialLine[]): string => lines.map((line) => `${JSON.stringify(line)}\n`).join("");
