import { createHash } from "node:crypto";
import type { GenerationRef } from "../contracts/batch";
import type { BatchResult, FileResult, ReceiptReference } from "../contracts/files";
import { batchResultSchema, fileResultSchema } from "../contracts/files";
import { resultKey, resultsKey } from "../contracts/state-keys";
import type { ObjectStore } from "../ports/object-store";
import { textLines } from "../text-lines";
import { readObject } from "../read-object";

/** What a generation left in `batch-state` is not what its writer promises. */
export class ResultFormatError extends Error {
  public override readonly name = "ResultFormatError";
  public readonly fix = "use the version of filemill that the stack was deployed from";
}

/** A receipt's bytes are not those that its reference names. */
export class ReceiptMismatchError extends Error {
  public override readonly name = "ReceiptMismatchError";
  public readonly fix = "trust neither receipt nor result: find out who wrote to the state bucket, and restore the object's former version";
  public constructor(where: string, expected: string, found: string) {
    super(`the receipt ${where} has SHA-256 ${found}, but the batch was reported with ${expected}`);
  }
}

/** @throws ObjectMissingError when the generation has no result yet, ResultFormatError */
export async function readBatchResult(objects: ObjectStore, stateBucket: string, ref: GenerationRef): Promise<BatchResult> {
  const key = resultKey(ref);
  const { bytes } = await readObject(objects, stateBucket, key);
  const parsed = batchResultSchema.safeParse(parseJson(bytes.toString("utf8"), `s3://${stateBucket}/${key}`));
  if (!parsed.success) throw new ResultFormatError(`s3://${stateBucket}/${key} is not a batch result: ${parsed.error.message}`);
  return parsed.data;
}

/**
 * The receipt of a generation, its bytes as they are stored: what the reference says they hash to was looked at.
 *
 * @throws ObjectMissingError, ReceiptMismatchError
 */
export async function readReceipt(objects: ObjectStore, stateBucket: string, reference: ReceiptReference): Promise<string> {
  const { bytes } = await readObject(objects, stateBucket, reference.key);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== reference.sha256) throw new ReceiptMismatchError(`s3://${stateBucket}/${reference.key}`, reference.sha256, sha256);
  return bytes.toString("utf8");
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

function parseJson(json: string, where: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new ResultFormatError(`${where} is not JSON: ${json.slice(0, 80)}`, { cause: error });
  }
}
