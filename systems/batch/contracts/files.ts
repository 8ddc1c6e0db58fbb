import { workloadRecordSchema } from "../../../workloads/record";
import { byteRangeSchema } from "../../../kit/lib/byte-range";
import { fileIdentitySchema } from "../../../kit/ports/object-identity";
import { z } from "zod";
import { batchIdSchema } from "./batch";
import { textEncodingSchema } from "../../../workloads/text/encoding-schemas";

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

/** A file that a workload made of a file: where it lies in `batch-state`, and its content. */
export const fileOutputSchema = z.object({
  name: z.string().min(1),
  key: z.string().min(1),
  bytes: z.int().min(0),
  /** Hexadecimal. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type FileOutput = z.output<typeof fileOutputSchema>;

/** How long a detail may be: the end of what a program said. */
export const MAXIMUM_DETAIL_CHARACTERS = 1_000;

/** What a batch's result says of one file: a line of `results.jsonl` (the interface others script against, schemaVersion 2). */
export const fileResultSchema = z.object({
  filename: z.string(),
  status: z.enum(["processed", "skipped", "quarantined", "unfinished"]),
  reason: z.enum([...SKIP_REASONS, ...QUARANTINE_REASONS, ...UNFINISHED_REASONS]).optional(),
  /** What exactly was wrong with a quarantined file, where a worker met it. */
  detail: z.string().optional(),
  /** As stored. */
  bytes: z.int().min(0),
  /** What its batch's workload made of a processed file; of others there is none. */
  result: z.unknown(),
  outputs: z.array(fileOutputSchema),
});
export type FileResult = z.output<typeof fileResultSchema>;

/** An output inside a partial: its key follows from the claim that wrote it, and once it is committed from its file. */
export const stagedOutputSchema = fileOutputSchema.omit({ key: true });
export type StagedOutput = z.output<typeof stagedOutputSchema>;

/** A line inside a partial: a processed file's own result with its number in the manifest, or what was wrong with a quarantined one. */
export const processedLineSchema = z.object({
  file: z.int().min(0),
  result: z.unknown(),
  /** @default none */
  outputs: z.array(stagedOutputSchema).optional(),
});
export type ProcessedLine = z.output<typeof processedLineSchema>;
export const quarantinedLineSchema = z.object({ file: z.int().min(0), detail: z.string() });
export const partialLineSchema = z.union([quarantinedLineSchema, processedLineSchema]);
export type PartialLine = z.output<typeof partialLineSchema>;

/** Files that a workload made, of one file or of all. */
export const outputCountsSchema = z.object({ files: z.int().min(0), bytes: z.int().min(0) });
export type OutputCounts = z.output<typeof outputCountsSchema>;

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
  workload: workloadRecordSchema.pick({ name: true, version: true, options: true }),
  /** What the workload made of all processed files together. */
  result: z.unknown(),
  outputs: outputCountsSchema,
  manifestSha256: z.string().nullable(),
  /** The receipt in `batch-state`. */
  receipt: receiptReferenceSchema,
});
export type BatchResult = z.output<typeof batchResultSchema>;
