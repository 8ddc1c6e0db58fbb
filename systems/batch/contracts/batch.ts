import { z } from "zod";
import { ATTEMPTS_PER_ROUND } from "./lambda-rounds";

/** Crockford base-32 ULID: 26 characters, sorts by creation time. https://github.com/ulid/spec */
export const batchIdSchema = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{26}$/, "a batch id is a ULID of 26 characters");

/** What does the work. `auto` is decided by the planner and never stored as the route of a plan. */
export const ROUTES = ["fleet", "lambda"] as const;
export const routeSchema = z.enum(ROUTES);
export type Route = z.output<typeof routeSchema>;
export const requestedRouteSchema = z.enum(["auto", ...ROUTES]);
export type RequestedRoute = z.output<typeof requestedRouteSchema>;

/** Where files of a batch are: below a prefix, or one object there. File names in results are keys with `prefix` taken off. */
export const batchSourceSchema = z.object({
  bucket: z.string().min(3),
  /** Empty, or up to a `/`: a name that begins like another is none of its files. */
  prefix: z.string().regex(/^(.*\/)?$/s, "a prefix ends with a slash"),
  /** Name of the only object, below `prefix`. @default every object there */
  object: z.string().min(1).optional(),
});
export type BatchSource = z.output<typeof batchSourceSchema>;

/** More addresses than anybody types; a batch's row must stay small. */
export const MAXIMUM_SOURCES = 100;
export const batchSourcesSchema = z.array(batchSourceSchema).min(1).max(MAXIMUM_SOURCES);

/** Which files of the sources are meant, by patterns on their names in results (systems/batch/core/sources/name-filter.ts). */
export const nameFilterSchema = z.object({ include: z.array(z.string().min(1)), exclude: z.array(z.string().min(1)) });
export type NameFilter = z.output<typeof nameFilterSchema>;

/** How many quarantined files a batch may have before it is stopped: a number of files, or a share of all its files in percent. */
export const failureLimitSchema = z.union([
  z.strictObject({ files: z.int().min(0) }),
  z.strictObject({ percent: z.number().min(0).max(100) }),
]);
export type FailureLimit = z.output<typeof failureLimitSchema>;

/** What a submission that brings its own files says before the first of them is stored; `submission.jsonl` has them one by one. */
export const submissionSummarySchema = z.object({
  fileCount: z.int().min(1),
  bytes: z.int().min(0),
  /** Of `submission.jsonl`: equal means the same names with the same content. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SubmissionSummary = z.output<typeof submissionSummarySchema>;

/** A line of `submission.jsonl`: a file as it was when it was submitted, in the order of names (UTF-8 bytes). */
export const submittedFileSchema = z.object({
  name: z.string().min(1),
  size: z.int().min(0),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type SubmittedFile = z.output<typeof submittedFileSchema>;

/** Input of one execution `<batchId>-g<generation>`: references only (256 KiB limit of Step Functions). */
export const workflowInputSchema = z.object({
  batchId: batchIdSchema,
  generation: z.int().min(1),
  /** true: skip planning and the map, go straight to `seal` (cancel, backstops). */
  finish: z.boolean(),
});
export type WorkflowInput = z.output<typeof workflowInputSchema>;

/** One generation of one batch. */
export const generationRefSchema = z.object({ batchId: batchIdSchema, generation: z.int().min(1) });
export type GenerationRef = z.output<typeof generationRefSchema>;

/** What the planner is called with. */
export const planInputSchema = generationRefSchema.extend({
  /** When the execution began; absent from executions that began before the definition passed it. */
  startedAt: z.iso.datetime({ offset: true }).optional(),
});

/** A line of `chunks.jsonl`: where the chunk's splits lie in `splits.jsonl`, read by one ranged GET. */
export const chunkLineSchema = z.object({
  index: z.int().min(0),
  offset: z.int().min(0),
  length: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ChunkLine = z.output<typeof chunkLineSchema>;

/** Output of the `plan` Lambda; drives the machine's Choice after `Plan`. */
export const planOutputSchema = z.object({
  /** `waiting`: as many batches are open as the environment allows; ask again later. */
  outcome: z.enum(["planned", "refused", "waiting"]),
  route: routeSchema,
  chunkCount: z.int().min(0),
  stateBucket: z.string(),
  chunksKey: z.string(),
});
export type PlanOutput = z.output<typeof planOutputSchema>;

/** A line of ranges.jsonl: where the lines of a range's partials lie, and their hash. */
export const rangeLineSchema = chunkLineSchema;
export type RangeLine = z.output<typeof rangeLineSchema>;

/** Output of the `seal` Lambda; drives the machine's Choice before `Reduce`. */
export const sealOutputSchema = z.object({
  /** 0: all is merged in one step. */
  rangeCount: z.int().min(0),
  stateBucket: z.string(),
  /** Empty without ranges. */
  rangesKey: z.string(),
});
export type SealOutput = z.output<typeof sealOutputSchema>;

/** Input of the `merge-range` Lambda: one map item of a merge in two steps. */
export const mergeRangeInputSchema = generationRefSchema.extend({ range: rangeLineSchema });

/** Input of the `process-chunk` Lambda: one map item of the lambda route. */
export const processChunkInputSchema = generationRefSchema.extend({
  chunk: chunkLineSchema,
  /** 0 at first; the machine's loop adds 1 each time the outcome is `again`. */
  round: z.int().min(0),
  /** How often the machine repeated this round because an invocation failed. */
  retry: z
    .int()
    .min(0)
    .max(ATTEMPTS_PER_ROUND - 1),
});
export type ProcessChunkInput = z.output<typeof processChunkInputSchema>;

/** What working on a chunk came to. `again`: the deadline came near, progress is committed, ask once more. */
export const CHUNK_OUTCOMES = ["finished", "closed", "again"] as const;
export const processChunkOutputSchema = z.object({ outcome: z.enum(CHUNK_OUTCOMES), round: z.int().min(0) });
export type ProcessChunkOutput = z.output<typeof processChunkOutputSchema>;

/** Output a worker hands to SendTaskSuccess: counts only. */
export const taskOutputSchema = z.object({ outcome: z.enum(["finished", "closed"]) });
export type TaskOutput = z.output<typeof taskOutputSchema>;
