import type { z } from "zod";
import { sealedLineSchema, type SealedLine } from "../contracts/ledger-rows";
import type { ObjectStore } from "../ports/object-store";
import { readBlocks } from "../read-blocks";
import { textLines } from "../text-lines";

/** Lines of JSON of an object in `batch-state`, checked one by one; memory is one line. */
export async function* readJsonLines<S extends z.ZodType>(
  store: ObjectStore,
  bucket: string,
  key: string,
  schema: S,
): AsyncGenerator<{ readonly value: z.output<S>; readonly bytes: number }> {
  for await (const line of textLines(readBlocks(store, bucket, key))) {
    // the line feed that was taken off counts: chunk lines point to byte offsets
    yield { value: schema.parse(JSON.parse(line)), bytes: Buffer.byteLength(line) + 1 };
  }
}

/** The sealed chunks of a generation as lines of `sealed.jsonl`. */
export async function* sealedLines(store: ObjectStore, bucket: string, key: string): AsyncGenerator<SealedLine> {
  for await (const { value } of readJsonLines(store, bucket, key, sealedLineSchema)) yield value;
}
