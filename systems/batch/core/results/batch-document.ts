import { z } from "zod";
import type { BatchResult } from "../../contracts/files";
import { batchResultSchema, receiptReferenceSchema } from "../../contracts/files";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";

/** `batch.json`: the result of a batch's generation and how long it took. */
export const batchDocumentSchema = batchResultSchema.extend({
  /**
   * Total processing time in seconds: from the first upload to the last acknowledgement (S1.90). null where no clock can tell; docs/json.md
   * says when.
   */
  seconds: z.number().min(0).nullable(),
  /** null for a run of the upload path: single files have no generation that could be sealed. */
  receipt: receiptReferenceSchema.nullable(),
});
export type BatchDocument = z.output<typeof batchDocumentSchema>;

/** A result that may be one of the upload path. */
export type RunResult = Omit<BatchResult, "receipt"> & { readonly receipt: BatchResult["receipt"] | null };

/** Puts a document together with its fields in the documented order. */
export function batchDocument(result: RunResult, seconds: number | null): BatchDocument {
  const { manifestSha256, receipt, ...rest } = result;
  return { ...rest, seconds, manifestSha256, receipt };
}

/**
 * Total processing time of a reported generation in seconds, from the ledger alone, so that every reader gets the same number. Two parts,
 * each by one kind of clock: what the first generation's upload took, by the monotonic clock of the process that made it; and from the
 * beginning of the execution to the completion message, the last acknowledgement, by the services' clocks. The submitting machine's time
 * of day is in neither.
 *
 * @returns null when a part was not measured, or the services' clocks contradict each other (docs/adr/0013-readable-rows.md)
 */
export function secondsOf(batch: BatchRecord, generation: GenerationRecord): number | null {
  if (generation.completionSentAt === undefined) {
    throw new Error(`batch ${batch.batchId} has not been reported; seconds are known once its completion message was sent`);
  }
  const startedAt = generation.plan?.startedAt;
  const brings = generation.generation === 1 && batch.submission !== undefined;
  const uploadMilliseconds = brings ? batch.uploadMilliseconds : 0;
  if (startedAt === undefined || uploadMilliseconds === undefined) return null;
  const workMilliseconds = Date.parse(generation.completionSentAt) - Date.parse(startedAt);
  return workMilliseconds < 0 ? null : (uploadMilliseconds + workMilliseconds) / 1_000;
}
