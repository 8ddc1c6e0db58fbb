import { batchCompletionSchema } from "../contracts/messages";
import type { BatchResult, ReceiptReference } from "../contracts/files";
import type { GenerationRecord } from "../contracts/ledger-rows";
import { ReceiptMismatchError } from "./batch-results";

const referenceSchema = batchCompletionSchema.pick({ receipt: true });

/** Where the completion message says that a generation's receipt is. @returns undefined before it is put together */
export function reportedReceipt({ completion }: Pick<GenerationRecord, "completion">): ReceiptReference | undefined {
  return completion === undefined ? undefined : referenceSchema.parse(JSON.parse(completion)).receipt;
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
