import { z } from "zod";
import type { BatchResult } from "../contracts/files";
import { batchResultSchema, receiptReferenceSchema } from "../contracts/files";
import type { BatchRecord, GenerationRecord } from "../contracts/ledger-rows";

/** `batch.json`: the result of a batch's generation and how long it took. */
export const batchDocumentSchema = batchResultSchema.extend({
  /** From submission (the first file not yet uploaded), or from a later generation's opening, to the completion message, in seconds. */
  seconds: z.number().min(0),
  /** null for a run of the upload path: single files have no generation that could be sealed. */
  receipt: receiptReferenceSchema.nullable(),
});
export type BatchDocument = z.output<typeof batchDocumentSchema>;

/** A result that may be one of the upload path. */
export type RunResult = Omit<BatchResult, "receipt"> & { readonly receipt: BatchResult["receipt"] | null };

/** Puts a document together with its fields in the documented order. */
export function batchDocument(result: RunResult, seconds: number): BatchDocument {
  const { manifestSha256, receipt, ...rest } = result;
  return { ...rest, seconds, manifestSha256, receipt };
}

/** Seconds of a reported generation, from the ledger alone, so that every reader gets the same number. */
export function secondsOf(batch: BatchRecord, generation: GenerationRecord): number {
  if (generation.completionSentAt === undefined) {
    throw new Error(`batch ${batch.batchId} has not been reported; seconds are known once its completion message was sent`);
  }
  const beganAt = generation.generation === 1 ? batch.submittedAt : generation.openedAt;
  return Math.max(0, Date.parse(generation.completionSentAt) - Date.parse(beganAt)) / 1_000;
}
