import { wordCountSchema, fileWordsSchema } from "../../../workloads/word-count/results";
import { byteRangeSchema } from "../../../kit/lib/byte-range";
import { fileIdentitySchema } from "../../../kit/ports/object-identity";
import { z } from "zod";
import { batchIdSchema } from "./batch";
import { textEncodingSchema } from "../../../workloads/text/text-encodings";

/** The closed list of reasons, by file state. */
export const SKIP_REASONS = ["not-text", "archived", "compressed"] as const;
export const QUARANTINE_REASONS = [
  "missing",
  "changed",
  "too-large",
  "corrupt-gzip",
  "decompression-limit",
  "kills-worker",
  "access-denied",
  "workload-error",
] as const;
export const UNFINISHED_REASONS = [
  "cancelled",
  "failed",
  /** The ledger's row of its chunk could not be read when the generation was sealed. */
  "row-unreadable",
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];
export type QuarantineReason = (typeof QUARANTINE_REASONS)[number];
export type UnfinishedReason = (typeof UNFINISHED_REASONS)[number];

/**
 * A line of `manifest.jsonl`: one file of the batch, in key order. Every generation of a batch has the same files under the same
 * numbers.
 */
export const manifestLineSchema = fileIdentitySchema.extend({
  file: z.int().min(0),
  /** Why the plan gave it to no chunk. */
  leftOut: z.enum([...SKIP_REASONS, ...QUARANTINE_REASONS]).optional(),
  /** The earlier generation whose outcome of this file stands: no chunk of this generation holds it. */
  carriedFrom: z.int().min(1).optional(),
});
export type ManifestLine = z.output<typeof manifestLineSchema>;

/** A line of `splits.jsonl`: a whole file, or one range of it with the encoding the planner found in its first bytes. */
export const splitSchema = fileIdentitySchema.extend({
  file: z.int().min(0),
  range: byteRangeSchema.optional(),
  encoding: textEncodingSchema.optional(),
});
export type Split = z.output<typeof splitSchema>;

/** What a batch's result says of one file: a line of `results.jsonl` (the interface others script against). */
export const fileResultSchema = z.object({
  filename: z.string(),
  status: z.enum(["processed", "skipped", "quarantined", "unfinished"]),
  reason: z.enum([...SKIP_REASONS, ...QUARANTINE_REASONS, ...UNFINISHED_REASONS]).optional(),
  /** As stored. */
  bytes: z.int().min(0),
  ...fileWordsSchema.shape,
  /** Of processed files only; of others the numbers are 0. */
  encoding: textEncodingSchema.optional(),
});
export type FileResult = z.output<typeof fileResultSchema>;

/** A result line inside a partial: the file's own result with its number in the manifest. */
export const partialLineSchema = z.object({ file: z.int().min(0), ...fileWordsSchema.shape });
export type PartialLine = z.output<typeof partialLineSchema>;

export const fileCountsByStatusSchema = z.object({
  total: z.int().min(0),
  processed: z.int().min(0),
  skipped: z.int().min(0),
  quarantined: z.int().min(0),
  unfinished: z.int().min(0),
});
export type FileCountsByStatus = z.output<typeof fileCountsByStatusSchema>;

/** Where a generation's receipt lies and what its bytes hash to. */
export const receiptReferenceSchema = z.object({ key: z.string(), sha256: z.string() });
export type ReceiptReference = z.output<typeof receiptReferenceSchema>;

/** The result of a batch's generation (`result.json` in S3); `batch.json` of the command adds `seconds`. */
export const batchResultSchema = z.object({
  batchId: batchIdSchema,
  generation: z.int().min(1),
  status: z.enum(["completed", "failed", "cancelled", "refused"]),
  route: z.enum(["fleet", "lambda"]).nullable(),
  files: fileCountsByStatusSchema,
  bytes: z.int().min(0),
  /** Of all processed files. */
  invalidBytes: z.int().min(0),
  /** Processed files whose share of invalid bytes says that their words may be wrong (`isDoubtful`). */
  doubtfulFiles: z.int().min(0),
  totalWords: z.int().min(0),
  distinctWords: z.int().min(0),
  overlongWords: z.int().min(0),
  words: z.array(wordCountSchema),
  manifestSha256: z.string().nullable(),
  /** The receipt in `batch-state`. */
  receipt: receiptReferenceSchema,
});
export type BatchResult = z.output<typeof batchResultSchema>;
