import { z } from "zod";
import { batchIdSchema, batchSourcesSchema, nameFilterSchema, submissionSummarySchema } from "./batch";
import { workloadRecordSchema } from "../../../workloads/record";
import { fileCountsByStatusSchema, outputCountsSchema } from "./files";
import { CLOSE_CAUSES, versionsSchema } from "./ledger-rows";

/** Version of the receipt's format. */
export const RECEIPT_VERSION = 3;

/**
 * The completion document of a generation (`receipt.json`), made from ledger facts only: it has no clock and no environment of its
 * own, so made twice it has the same bytes. Cost is another document.
 */
export const receiptSchema = z.object({
  receiptVersion: z.literal(RECEIPT_VERSION),
  batchId: batchIdSchema,
  generation: z.int().min(1),
  /** The generation it takes the place of; null for the first. */
  supersedes: z.int().min(1).nullable(),
  status: z.enum(["completed", "failed", "cancelled", "refused"]),
  closeCause: z.enum(CLOSE_CAUSES),
  sources: batchSourcesSchema,
  /** Patterns that chose among the sources' files; null where all were meant. */
  filter: nameFilterSchema.nullable(),
  /** What the submission said of its files before it stored them; null where they were there already. */
  submission: submissionSummarySchema.nullable(),
  workload: workloadRecordSchema,
  /** SHA-256 of `manifest.jsonl`; null when the batch was closed before it was planned. */
  manifestSha256: z.string().nullable(),
  /** SHA-256 of what was sealed. */
  sealedSha256: z.string(),
  files: fileCountsByStatusSchema,
  /** Files by `status:reason`, for every reason that occurred, keys sorted; `processed` files have no reason and are left out. */
  reasons: z.record(z.string(), z.int().min(1)),
  /** Of the generation's own chunks. */
  work: z.object({
    chunks: z.int().min(0),
    /** Claims of all chunks. */
    attempts: z.int().min(0),
    spotLosses: z.int().min(0),
    unexplainedDeaths: z.int().min(0),
  }),
  /** What made the plan; null when there is none. */
  versions: versionsSchema.nullable(),
  /**
   * SHA-256 over a line of JSON per file in manifest order, each with a line feed:
   * `[filename, bucket, key, etag, size, versionId or null, status, reason or null, detail or null, result or null, outputs]`, the result's
   * keys sorted, each output as `[name, bytes, sha256]`.
   */
  filesSha256: z.string(),
  /** What the workload made of all processed files together. */
  result: z.unknown(),
  /** All outputs, and the SHA-256 over a line of JSON per output in the order of files and names: `[filename, name, bytes, sha256]`. */
  outputs: outputCountsSchema.extend({ sha256: z.string() }),
});
export type Receipt = z.output<typeof receiptSchema>;
