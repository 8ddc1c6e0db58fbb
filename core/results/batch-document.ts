import { z } from "zod";
import type { BatchResult } from "../contracts/files";
import { batchResultSchema } from "../contracts/files";
import type { BatchRecord, GenerationRecord } from "../contracts/ledger-rows";

/** `batch.json`: the result of a batch's generation and how long it took. */
export const batchDocumentSchema = batchResultSchema.extend({
  /** From submission (the first file not yet uploaded) to the completion message, in seconds. */
  seconds: z.number().min(0),
});
export type BatchDocument = z.output<typeof batchDocumentSchema>;

/** Puts a document together with its fields in the documented order. */
export function batchDocument(result: BatchResult, seconds: number): BatchDocument {
  const { manifestSha256, ...rest } = result;
  return { ...rest, seconds, manifestSha256 };
}

/** Seconds of a reported generation, from the ledger alone, so that every reader gets the same number. */
export function secondsOf(batch: BatchRecord, generation: GenerationRecord): number {
  if (generation.completionSentAt === undefined) {
    throw new Error(`batch ${batch.batchId} has not been reported; seconds are known once its completion message was sent`);
  }
  return Math.max(0, Date.parse(generation.completionSentAt) - Date.parse(batch.submittedAt)) / 1_000;
}
