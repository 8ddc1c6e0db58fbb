import { z } from "zod";
import { batchCompletionSchema } from "../../contracts/messages";
import type { BatchResult, ReceiptReference } from "../../contracts/files";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { ReceiptMismatchError } from "./batch-results";
import { parseStored } from "../../../../kit/lib/stored-json";

const PLACE = "what the ledger keeps of a generation";
const KIND = "a completion message";

const referenceSchema = batchCompletionSchema.pick({ receipt: true });

/** Where the completion message says that a generation's receipt is. @returns undefined before it is put together */
export function reportedReceipt({ completion }: Pick<GenerationRecord, "completion">): ReceiptReference | undefined {
  return completion === undefined ? undefined : parseStored(referenceSchema, completion, PLACE, KIND).receipt;
}

/** Only some workloads tell. */
const doubtfulSchema = z.object({ result: z.object({ result: z.object({ doubtfulFiles: z.int().min(0) }) }) });

/** Doubtful files of a reported generation. @returns 0 before its message is put together, and when that does not tell */
export function reportedDoubtfulFiles({ completion }: Pick<GenerationRecord, "completion">): number {
  if (completion === undefined) return 0;
  const told = doubtfulSchema.safeParse(parseStored(batchCompletionSchema, completion, PLACE, KIND));
  return told.success ? told.data.result.result.doubtfulFiles : 0;
}

/**
 * The receipt that completion message and result both name.
 *
 * @throws ReceiptMismatchError when they name different ones: the result was written over after it was reported
 */
export function receiptOf(generation: GenerationRecord, { receipt }: Pick<BatchResult, "receipt">): ReceiptReference {
  const reported = reportedReceipt(generation);
  if (reported !== undefined && (reported.sha256 !== receipt.sha256 || reported.key !== receipt.key)) {
    throw new ReceiptMismatchError(`${receipt.key} that the result names`, reported.sha256, receipt.sha256);
  }
  return reported ?? receipt;
}
