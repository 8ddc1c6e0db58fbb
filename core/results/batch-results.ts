import type { GenerationRef } from "../contracts/batch";
import type { BatchResult, FileResult } from "../contracts/files";
import { batchResultSchema, fileResultSchema } from "../contracts/files";
import { resultKey, resultsKey } from "../contracts/state-keys";
import type { ObjectStore } from "../ports/object-store";
import { textLines } from "../text-lines";

/** What a generation left in `batch-state` is not what its writer promises. */
export class ResultFormatError extends Error {
  public override readonly name = "ResultFormatError";
  public readonly fix = "use the version of filemill that the stack was deployed from";
}

/** @throws ObjectMissingError when the generation has no result yet, ResultFormatError */
export async function readBatchResult(objects: ObjectStore, stateBucket: string, ref: GenerationRef): Promise<BatchResult> {
  const key = resultKey(ref);
  const { body } = await objects.get(stateBucket, key);
  const text = Buffer.concat((await body.toArray()) as Uint8Array[]).toString("utf8");
  const parsed = batchResultSchema.safeParse(parseJson(text, `s3://${stateBucket}/${key}`));
  if (!parsed.success) throw new ResultFormatError(`s3://${stateBucket}/${key} is not a batch result: ${parsed.error.message}`);
  return parsed.data;
}

/**
 * The results of a generation's files, sorted by name, a line at a time: memory does not depend on their number.
 *
 * @throws ObjectMissingError, ResultFormatError
 */
export async function* readFileResults(
  objects: ObjectStore,
  stateBucket: string,
  ref: GenerationRef,
  signal?: AbortSignal,
): AsyncGenerator<FileResult> {
  const key = resultsKey(ref);
  const { body } = await objects.get(stateBucket, key, signal === undefined ? {} : { signal });
  try {
    let lineNumber = 0;
    for await (const line of textLines(body as AsyncIterable<Uint8Array>)) {
      lineNumber += 1;
      const parsed = fileResultSchema.safeParse(parseJson(line, `s3://${stateBucket}/${key}:${lineNumber}`));
      if (!parsed.success)
        throw new ResultFormatError(`s3://${stateBucket}/${key}:${lineNumber} is not a file's result: ${parsed.error.message}`);
      yield parsed.data;
    }
  } finally {
    body.destroy();
  }
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ResultFormatError(`${where} is not JSON: ${text.slice(0, 80)}`, { cause: error });
  }
}
