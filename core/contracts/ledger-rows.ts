import { z } from "zod";
import { batchIdSchema, batchSourceSchema, generationRefSchema, requestedRouteSchema, routeSchema, workloadOptionsSchema } from "./batch";
import { fileCountsByStatusSchema, fileIdentitySchema, QUARANTINE_REASONS, SKIP_REASONS } from "./files";

/** A batch as it was submitted; never changes but for `latestGeneration`. */
export const batchRecordSchema = z.object({
  batchId: batchIdSchema,
  /** Client's own id; the same id gives the same batch. */
  requestId: z.string().min(1).max(256),
  source: batchSourceSchema,
  options: workloadOptionsSchema,
  requestedRoute: requestedRouteSchema,
  /** Files up to which each gets its own acknowledgement; a bigger batch acknowledges per chunk. */
  acknowledgePerFileUpTo: z.int().min(0),
  latestGeneration: z.int().min(1),
  /** ISO 8601, UTC. */
  submittedAt: z.string(),
});
export type BatchRecord = z.output<typeof batchRecordSchema>;

/** What the planner found and decided. */
export const planSummarySchema = z.object({
  route: routeSchema,
  fileCount: z.int().min(0),
  /** Sum of the sizes of all files of the manifest, as stored. */
  bytes: z.int().min(0),
  splitCount: z.int().min(0),
  chunkCount: z.int().min(0),
  manifestSha256: z.string(),
  /** Seconds and US dollars the planner expects; absent when there is nothing to do. */
  estimatedSeconds: z.number().min(0),
  estimatedCostUsd: z.number().min(0),
  acknowledgePer: z.enum(["file", "chunk"]),
});
export type PlanSummary = z.output<typeof planSummarySchema>;

/** Why a generation was closed before its work was done. `complete`: it was not, all chunks were through. */
export const CLOSE_CAUSES = ["complete", "refused", "cancelled", "failed"] as const;
export const closeCauseSchema = z.enum(CLOSE_CAUSES);
export type CloseCause = z.output<typeof closeCauseSchema>;

/** META of a generation: `open` takes claims, `closed` takes none, `sealed` has its files' states settled for good. */
export const generationRecordSchema = generationRefSchema.extend({
  status: z.enum(["open", "closed", "sealed"]),
  plan: planSummarySchema.optional(),
  closeCause: closeCauseSchema.optional(),
  /** Cause, value and way out in a sentence, for everything but `complete`. */
  closeDetail: z.string().optional(),
  /** Set with `sealed`. */
  files: fileCountsByStatusSchema.optional(),
  sealedSha256: z.string().optional(),
  /** The completion message: its stored bytes; sent again as they are. */
  completion: z.string().optional(),
  completionSentAt: z.string().optional(),
});
export type GenerationRecord = z.output<typeof generationRecordSchema>;

/**
 * One letter per split of a chunk, in order: what happened to it. Kept short because a chunk row must stay under 100 KB.
 */
export const OUTCOME_LETTERS = {
  P: { status: "processed" },
  n: { status: "skipped", reason: "not-text" },
  a: { status: "skipped", reason: "archived" },
  m: { status: "quarantined", reason: "missing" },
  c: { status: "quarantined", reason: "changed" },
  t: { status: "quarantined", reason: "too-large" },
  g: { status: "quarantined", reason: "corrupt-gzip" },
  d: { status: "quarantined", reason: "decompression-limit" },
  k: { status: "quarantined", reason: "kills-worker" },
  x: { status: "quarantined", reason: "access-denied" },
  w: { status: "quarantined", reason: "workload-error" },
} as const satisfies Record<
  string,
  | { status: "processed" }
  | { status: "skipped"; reason: (typeof SKIP_REASONS)[number] }
  | { status: "quarantined"; reason: (typeof QUARANTINE_REASONS)[number] }
>;
export type OutcomeLetter = keyof typeof OUTCOME_LETTERS;

/** Pointer to a committed partial in `batch-state`: result lines first, merged counts from `countsOffset` on. */
export const partialPointerSchema = z.object({
  key: z.string(),
  bytes: z.int().min(0),
  countsOffset: z.int().min(0),
  /** Processed splits whose result lines it holds. */
  splits: z.int().min(1),
});
export type PartialPointer = z.output<typeof partialPointerSchema>;

/** A chunk's row. Absent until the first claim, or until `seal` creates it closed. */
export const chunkRowSchema = z.object({
  index: z.int().min(0),
  claim: z.int().min(0),
  /** Commit groups taken so far. */
  progress: z.int().min(0),
  /** A letter per settled split, see OUTCOME_LETTERS. */
  outcomes: z.string().regex(/^[Pnamctgdkxw]*$/),
  partials: z.array(partialPointerSchema),
  state: z.enum(["open", "finished", "closed"]),
});
export type ChunkRow = z.output<typeof chunkRowSchema>;

/** A line of `sealed.jsonl`: a chunk as the seal found it; the only source of reduce and receipt. */
export const sealedLineSchema = chunkRowSchema.pick({ index: true, outcomes: true, partials: true }).extend({ finished: z.boolean() });
export type SealedLine = z.output<typeof sealedLineSchema>;

/** Chunks under one partition key of the ledger (design section 5), so that no partition holds a whole batch. */
export const CHUNKS_PER_SHARD = 1_000;

/** A file of the upload path that could not be processed: it is on no batch's list, so it has a row of its own. */
export const uploadExceptionSchema = fileIdentitySchema.extend({
  status: z.enum(["skipped", "quarantined"]),
  reason: z.enum([...SKIP_REASONS, ...QUARANTINE_REASONS]),
});
export type UploadException = z.output<typeof uploadExceptionSchema>;
