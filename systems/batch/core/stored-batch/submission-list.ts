import { createHash } from "node:crypto";
import { submittedFileSchema, type SubmissionSummary, type SubmittedFile } from "../../contracts/batch";
import { submissionKey } from "../../contracts/state-keys";
import type { BatchRecord } from "../../contracts/ledger-rows";
import { BatchStateError } from "./errors";
import { sortByName } from "../../../../kit/lib/sort-by-name";
import { jsonLine } from "../../../../kit/lib/line-file";
import { ObjectMissingError, type ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { textLines } from "../../../../kit/lib/text-lines";
import { parseStored } from "../../../../kit/lib/stored-json";

/** What a submission brings along, as it is stored before the first of its files. */
export interface SubmissionList {
  /** In the order of the text. */
  readonly files: readonly SubmittedFile[];
  /** Of `submission.jsonl`. */
  readonly text: string;
  readonly summary: SubmissionSummary;
}

/** The list is not there: the submission broke off before it stored it, or somebody removed it. */
export class SubmissionListMissingError extends Error {
  public override readonly name = "SubmissionListMissingError";
  public readonly fix = "submit the same files again with the same request id; if objects below batches/ were removed, as a new batch";
  public constructor(batchId: string, address: string, cause: ObjectMissingError) {
    super(`the list of the files that batch ${batchId} was submitted with is not there: ${address}`, { cause });
  }
}

/** The list of files given in any order: the same files are the same submission. It has them as S3 sorts keys, by UTF-8 bytes. */
export function submissionList(files: readonly SubmittedFile[]): SubmissionList {
  const sorted = sortByName(files);
  // field by field: the same files give the same bytes, whatever else is known of them
  const text = sorted.map(({ name, sha256, size }) => jsonLine({ name, size, sha256 })).join("");
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { files: sorted, text, summary: { fileCount: files.length, bytes, sha256: createHash("sha256").update(text).digest("hex") } };
}

/**
 * The files that a batch was submitted with, in their order; memory is one line.
 *
 * @throws SubmissionListMissingError; BatchStateError when what is stored is not what the batch's record says
 */
export async function* submittedFiles(store: ObjectStore, stateBucket: string, batch: BatchRecord): AsyncGenerator<SubmittedFile> {
  const { batchId, submission } = batch;
  const key = submissionKey(batchId);
  const hash = createHash("sha256");
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const block of readBlocks(store, stateBucket, key)) {
      hash.update(block);
      yield block;
    }
  }
  try {
    for await (const line of textLines(hashed())) {
      yield parseStored(submittedFileSchema, line, `s3://${stateBucket}/${key}`, "a list of submitted files");
    }
  } catch (error) {
    if (!(error instanceof ObjectMissingError)) throw error;
    throw new SubmissionListMissingError(batchId, `s3://${stateBucket}/${key}`, error);
  }
  const found = hash.digest("hex");
  if (found !== submission?.sha256) {
    throw new BatchStateError(
      `s3://${stateBucket}/${key} hashes to ${found}, the batch was submitted with ${submission?.sha256 ?? "no list"}`,
    );
  }
}
