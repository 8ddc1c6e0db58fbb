import type { z } from "zod";
import type { ObjectStore } from "../ports/object-store";
import { readBlocks } from "./read-blocks";
import { parseStored } from "./stored-json";
import { textLines } from "./text-lines";

/** Lines of JSON of an object in `batch-state`, checked one by one; memory is one line. @throws StoredFormatError */
export async function* readJsonLines<S extends z.ZodType>(
  store: ObjectStore,
  bucket: string,
  key: string,
  schema: S,
): AsyncGenerator<{ readonly value: z.output<S>; readonly bytes: number }> {
  let lineNumber = 0;
  for await (const line of textLines(readBlocks(store, bucket, key))) {
    lineNumber += 1;
    // the line feed that was taken off counts: chunk lines point to byte offsets
    yield {
      value: parseStored(schema, line, `s3://${bucket}/${key}:${lineNumber}`, "what its writer promises"),
      bytes: Buffer.byteLength(line) + 1,
    };
  }
}
