import { createHash } from "node:crypto";
import type { GenerationRef } from "../../contracts/batch";
import type { BatchResult, FileResult, ReceiptReference } from "../../contracts/files";
import { batchResultSchema, fileResultSchema } from "../../contracts/files";
import { resultKey, resultsKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { checkedBatch } from "./checked-results";
import { textLines } from "../../../../kit/lib/text-lines";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { readObject } from "../../../../kit/lib/read-object";
import { parseStored } from "../../../../kit/lib/stored-json";

/** A receipt's bytes are not those that its reference names. */
export class ReceiptMismatchError extends Error {
  public override readonly name = "ReceiptMismatchError";
  public readonly fix = "trust neither receipt nor result: find out who wrote to the state bucket, and restore the object's former version";
  public constructor(where: string, expected: string, found: string) {
    super(`the receipt ${where} has SHA-256 ${found}, but the batch was reported with ${expected}`);
  }
}

/** @throws ObjectMissingError when the generation has no result yet, StoredFormatError, UnknownWorkloadError */
export async function readBatchResult(objects: ObjectStore, stateBucket: string, ref: GenerationRef): Promise<BatchResult> {
  const key = resultKey(ref);
  const { bytes } = await readObject(objects, stateBucket, key);
  const where = `s3://${stateBucket}/${key}`;
  return checkedBatch(parseStored(batchResultSchema, bytes.toString("utf8"), where, "a batch result"), where);
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
 * The results of a generation's files, sorted by name, a line at a time: memory does not depend on their number, and whoever takes them
 * may take time.
 *
 * @throws ObjectMissingError, StoredFormatError
 */
export async function* readFileResults(
  objects: ObjectStore,
  stateBucket: string,
  ref: GenerationRef,
  signal?: AbortSignal,
): AsyncGenerator<FileResult> {
  const key = resultsKey(ref);
  let lineNumber = 0;
  for await (const line of textLines(readBlocks(objects, stateBucket, key, undefined, signal))) {
    signal?.throwIfAborted();
    lineNumber += 1;
    yield parseStored(fileResultSchema, line, `s3://${stateBucket}/${key}:${lineNumber}`, "a file's result");
  }
}
