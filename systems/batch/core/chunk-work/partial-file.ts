import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { PartialLine } from "../../contracts/files";
import type { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import { countLines } from "../../../../workloads/word-count/merge";

export interface PartialFileSize {
  readonly bytes: number;
  /** Where the merged counts begin. */
  readonly countsOffset: number;
}

/** Writes a partial: result lines in file order, then merged counts by ascending word, each a line of JSON. */
export async function writePartialFile(file: string, lines: readonly PartialLine[], counter: SpillingCounter): Promise<PartialFileSize> {
  const text = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await pipeline(Readable.from(concatenate(text, countLines(counter.entries()))), createWriteStream(file));
  const { size } = await stat(file);
  return { bytes: size, countsOffset: Buffer.byteLength(text) };
}

async function* concatenate(head: string, rest: AsyncIterable<string>): AsyncIterable<string> {
  yield head;
  yield* rest;
}
