import { z } from "zod";
import { batchIdSchema, chunkLineSchema, generationRefSchema } from "./batch";
import {
  batchResultSchema,
  fileCountsByStatusSchema,
  outputCountsSchema,
  QUARANTINE_REASONS,
  receiptReferenceSchema,
  SKIP_REASONS,
} from "./files";
import { fileIdentitySchema } from "../../../kit/ports/object-identity";

/** Version of the messages that the state machine sends; a reader that meets a higher one must not guess. */
export const SCHEMA_VERSION = 1;
/** Version of the messages on the results queue. */
export const RESULTS_SCHEMA_VERSION = 3;
const schemaVersion = z.literal(RESULTS_SCHEMA_VERSION);

/** Body of a message on `wordfreq-chunks`, written by the state machine. */
export const chunkJobSchema = generationRefSchema.extend({
  schemaVersion: z.literal(SCHEMA_VERSION),
  type: z.literal("chunk"),
  chunk: chunkLineSchema,
  /** Step Functions task token, 1 to 2,048 characters; never logged. */
  token: z.string().min(1).max(2_048),
});

/** The same as slots receive it: the machine's, or passed on between the queues of spot and on-demand capacity. */
export const passedChunkSchema = chunkJobSchema.extend({
  /** When a slot on spot capacity handed it over for on-demand capacity, in milliseconds since the epoch by its clock. */
  handedOverAt: z.int().optional(),
  /** It waited for on-demand capacity as long as it was to: whoever receives it works on it. */
  onAnyCapacity: z.literal(true).optional(),
});
export type PassedChunk = z.output<typeof passedChunkSchema>;

/** The same in its dead-letter queue. */
export const deadChunkSchema = passedChunkSchema.extend({
  /** What a slot found wrong with it that no other attempt does better: it is for a person to look at. */
  problem: z.string().optional(),
});

/** One file's place in a batch; absent on the upload path. */
const batchPlace = { batchId: batchIdSchema.optional(), generation: z.int().min(1).optional(), filename: z.string() };
const acknowledgementBase = { schemaVersion, messageId: z.string().min(1), ...batchPlace, ...fileIdentitySchema.shape };

export const fileProcessedSchema = z.object({
  ...acknowledgementBase,
  type: z.literal("file-processed"),
  /** What the workload made of it. */
  result: z.unknown(),
  outputs: outputCountsSchema,
});
export const fileSkippedSchema = z.object({ ...acknowledgementBase, type: z.literal("file-skipped"), reason: z.enum(SKIP_REASONS) });
export const fileQuarantinedSchema = z.object({
  ...acknowledgementBase,
  type: z.literal("file-quarantined"),
  reason: z.enum(QUARANTINE_REASONS),
  detail: z.string().optional(),
});
/** Sent instead of one message per file when a batch has more files than `acknowledgePerFileUpTo`. */
export const chunkProcessedSchema = generationRefSchema.extend({
  schemaVersion,
  type: z.literal("chunk-processed"),
  messageId: z.string().min(1),
  chunkIndex: z.int().min(0),
  files: fileCountsByStatusSchema,
});
/** The one completion record of a generation; its bytes are stored before it is sent. */
export const BATCH_MESSAGE_TYPES = ["batch-completed", "batch-failed", "batch-cancelled", "batch-refused"] as const;
export const batchCompletionSchema = generationRefSchema.extend({
  schemaVersion,
  type: z.enum(BATCH_MESSAGE_TYPES),
  messageId: z.string().min(1),
  files: fileCountsByStatusSchema,
  /** Why a batch failed, was cancelled or refused: cause, value, way out. */
  detail: z.string().optional(),
  result: batchResultSchema.pick({ bytes: true, workload: true, result: true, outputs: true, route: true, manifestSha256: true }),
  /** Where the whole result is. */
  location: z.object({ bucket: z.string(), resultKey: z.string(), resultsKey: z.string() }),
  receipt: receiptReferenceSchema,
});
export const resultMessageSchema = z.discriminatedUnion("type", [
  fileProcessedSchema,
  fileSkippedSchema,
  fileQuarantinedSchema,
  chunkProcessedSchema,
  batchCompletionSchema,
]);
export type DeadChunk = z.output<typeof deadChunkSchema>;
export type FileProcessed = z.output<typeof fileProcessedSchema>;
export type FileAcknowledgement = FileProcessed | z.output<typeof fileSkippedSchema> | z.output<typeof fileQuarantinedSchema>;
export type ChunkProcessed = z.output<typeof chunkProcessedSchema>;
export type BatchCompletion = z.output<typeof batchCompletionSchema>;
export type ResultMessage = z.output<typeof resultMessageSchema>;
