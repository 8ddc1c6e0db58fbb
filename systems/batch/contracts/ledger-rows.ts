import { z } from "zod";
import {
  batchIdSchema,
  batchSourcesSchema,
  failureLimitSchema,
  generationRefSchema,
  nameFilterSchema,
  requestedRouteSchema,
  routeSchema,
  submissionSummarySchema,
} from "./batch";
import { workloadRecordSchema } from "../../../workloads/record";
import { fileCountsByStatusSchema, QUARANTINE_REASONS, SKIP_REASONS } from "./files";
import { fileIdentitySchema } from "../../../kit/ports/object-identity";

/** A batch as it was submitted; never changes but for `latestGeneration`, and for `arrivedAt` and `uploadMilliseconds` once. */
export const batchRecordSchema = z.object({
  batchId: batchIdSchema,
  /** Client's own id; the same id gives the same batch. */
  requestId: z.string().min(1).max(256),
  sources: batchSourcesSchema,
  filter: nameFilterSchema.optional(),
  /** Present when the submission brings its files along. */
  submission: submissionSummarySchema.optional(),
  /** When all files of the submission were stored (ISO 8601, UTC); absent until then, and where it brings none. */
  arrivedAt: z.string().optional(),
  /**
   * What bringing the files took, from the first upload to the last, by the monotonic clock of the process that brought them; absent until
   * then, and for good where the submission broke off and another process went on: no clock has measured that.
   */
  uploadMilliseconds: z.int().min(0).optional(),
  /** What is done with its files. */
  workload: workloadRecordSchema,
  requestedRoute: requestedRouteSchema,
  /** Files up to which each gets its own acknowledgement; a bigger batch acknowledges per chunk. */
  acknowledgePerFileUpTo: z.int().min(0),
  latestGeneration: z.int().min(1),
  /** ISO 8601, UTC. */
  submittedAt: z.string(),
  /** When the batch is stopped in order, whatever is left of it (ISO 8601, UTC). */
  deadline: z.string().optional(),
  /** Estimated spending in US dollars at which the batch is stopped in order; a plan that is expected to cost more is refused. */
  budgetUsd: z.number().positive().optional(),
  /** Quarantined files above which the batch is stopped in order, as failed. */
  failureLimit: failureLimitSchema.optional(),
});
export type BatchRecord = z.output<typeof batchRecordSchema>;

/** What made a plan: recorded with it, because a receipt has no clock and no environment of its own. */
export const versionsSchema = z.object({
  /** Version of this project, from package.json. */
  code: z.string(),
  /** Version of the formats of manifest, splits and chunks (PLAN_VERSION). */
  plan: z.int().min(1),
  /** Version of the Unicode tables that decide what a letter is. */
  unicode: z.string(),
  /** Version of the workload that the plan was made with: that of the batch, or a later one that was allowed. */
  workload: z.string().optional(),
});
export type Versions = z.output<typeof versionsSchema>;

/** What the planner found and decided. */
export const planSummarySchema = z.object({
  route: routeSchema,
  fileCount: z.int().min(0),
  /** Sum of the sizes of all files of the manifest, as stored. */
  bytes: z.int().min(0),
  splitCount: z.int().min(0),
  chunkCount: z.int().min(0),
  manifestSha256: z.string(),
  /** SHA-256 over the hashes of manifest, splits and chunks: the plan's files lie under it (docs/adr/0008-generations.md). */
  planSha256: z.string(),
  /** Seconds and US dollars the planner expects; absent when there is nothing to do. */
  estimatedSeconds: z.number().min(0),
  estimatedCostUsd: z.number().min(0),
  acknowledgePer: z.enum(["file", "chunk"]),
  /** Files that an earlier generation settled: their outcome stands, and no chunk of this one holds them. */
  carriedFileCount: z.int().min(0),
  /** Files that the plan itself quarantined, such as `too-large`; absent in plans made before it was kept. */
  quarantinedFileCount: z.int().min(0).optional(),
  versions: versionsSchema,
  /** When the generation's execution began, by Step Functions' clock (ISO 8601, UTC); absent in plans made before it was kept. */
  startedAt: z.string().optional(),
});
export type PlanSummary = z.output<typeof planSummarySchema>;

/** How a generation's partials are merged in two steps: ranges of them first, then what the ranges came to. */
export const mergingSummarySchema = z.object({
  rangeCount: z.int().min(1),
  /** What the ranges were cut by. */
  partialsPerRange: z.int().min(1),
  /** SHA-256 of the list of ranges, each of which holds the hash of its partials: all of it lies under this name. */
  rangesSha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type MergingSummary = z.output<typeof mergingSummarySchema>;

/** Why a generation was closed before its work was done. `complete`: it was not, all chunks were through. */
export const CLOSE_CAUSES = ["complete", "refused", "cancelled", "failed"] as const;
export const closeCauseSchema = z.enum(CLOSE_CAUSES);
export type CloseCause = z.output<typeof closeCauseSchema>;

/**
 * What a generation takes up of the one before: always what was left unfinished, and of the quarantined files those that are chosen
 * here. Generation 1 has none.
 */
export const replaySelectionSchema = z.object({
  /** Quarantined files with one of these reasons are tried again. */
  reasons: z.array(z.enum(QUARANTINE_REASONS)),
});
export type ReplaySelection = z.output<typeof replaySelectionSchema>;

/** What the rows of a generation's chunks tell of the work that was done. */
export const workDoneSchema = z.object({
  chunksClaimed: z.int().min(0),
  claims: z.int().min(0),
  commits: z.int().min(0),
  partials: z.int().min(0),
  /** Time of slots for what is committed; what was lost is not in it. */
  slotSeconds: z.number().min(0),
  /**
   * Calls of AWS by workers, or by the functions that work on chunks: every attempt, up to each one's last commit. Not in it are those of
   * plan, seal, reduce and report, and receives that found nothing.
   */
  calls: z.int().min(0),
  /** Claims that ended because EC2 took the instance back. */
  spotLosses: z.int().min(0),
  /** Claims whose worker vanished otherwise. */
  deaths: z.int().min(0),
  /** Different workers that had a chunk's newest claim: at least so many were at work. */
  workers: z.int().min(0),
});
export type WorkDone = z.output<typeof workDoneSchema>;

/** META of a generation: `open` takes claims, `closed` takes none, `sealed` has its files' states settled for good. */
export const generationRecordSchema = generationRefSchema.extend({
  status: z.enum(["open", "closed", "sealed"]),
  /** When it was opened (ISO 8601, UTC). */
  openedAt: z.string(),
  /** Absent for generation 1. */
  replay: replaySelectionSchema.optional(),
  plan: planSummarySchema.optional(),
  closeCause: closeCauseSchema.optional(),
  /** Cause, value and way out in a sentence, for everything but `complete`. */
  closeDetail: z.string().optional(),
  /** Set with `sealed`. */
  files: fileCountsByStatusSchema.optional(),
  sealedSha256: z.string().optional(),
  /** Set with `sealed`; absent in generations that were sealed before it was kept. */
  work: workDoneSchema.optional(),
  /** Set with `sealed` where one function would not merge all in its time. */
  merging: mergingSummarySchema.optional(),
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
  z: { status: "skipped", reason: "compressed" },
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
const OUTCOMES = new RegExp(`^[${Object.keys(OUTCOME_LETTERS).join("")}]*$`);

/**
 * Pointer to a committed partial in `batch-state`: lines of files first, what the workload merged of them from `sectionOffset` on. Its
 * key follows from the row it stands in (`partialKey`); numbers only, because a row may hold a pointer for each of a chunk's 1,000 files.
 */
export const partialPointerSchema = z.object({
  claim: z.int().min(1),
  group: z.int().min(0),
  bytes: z.int().min(0),
  sectionOffset: z.int().min(0),
  /** Processed and quarantined splits whose lines it holds. */
  splits: z.int().min(1),
});
export type PartialPointer = z.output<typeof partialPointerSchema>;

/** What is settled with a seal. */
export type SealFacts = Required<Pick<GenerationRecord, "files" | "sealedSha256">> & Pick<GenerationRecord, "merging" | "work">;

/** Why a slot gave up a claim before its chunk was finished. */
export const RELEASE_CAUSES = [
  /** The worker or the Lambda ends in order; the chunk is not to blame. */
  "drain",
  /** EC2 takes the instance back. */
  "spot",
  /** No file and no 8 MiB for `progressTimeoutSeconds` (invariant 8). */
  "no-progress",
  /** The work on a file failed, or the machine did: network, disk. */
  "failed",
  /** A service did not take the work: throttled, broken or out of reach. Tells nothing about any file. */
  "unavailable",
] as const;
export const releaseCauseSchema = z.enum(RELEASE_CAUSES);
export type ReleaseCause = z.output<typeof releaseCauseSchema>;

/** A chunk's row. Absent until the first claim, or until `seal` creates it closed. */
export const chunkRowSchema = z.object({
  index: z.int().min(0),
  /** Number of the newest claim; 0 when there was none. */
  claim: z.int().min(0),
  /** Commit groups taken so far. */
  progress: z.int().min(0),
  /** A letter per settled split, see OUTCOME_LETTERS. */
  outcomes: z.string().regex(OUTCOMES),
  partials: z.array(partialPointerSchema),
  state: z.enum(["open", "finished", "closed"]),
  /**
   * Who has the newest claim, and until when its lease lasts by its own clock (milliseconds since the epoch); on the Lambda route the
   * attempt's number.
   */
  holder: z.object({ worker: z.string(), leaseUntil: z.int(), attempt: z.int().optional() }).optional(),
  /** The claim that was given up last, and why. */
  released: z.object({ claim: z.int().min(1), cause: releaseCauseSchema }).optional(),
  /** Claims whose holder vanished without a spot notice. From the first one on the chunk runs in careful mode. */
  deaths: z.int().min(0),
  /** Claims that ended because EC2 took the instance back, told by the slot itself or known from its notice. */
  spotLosses: z.int().min(0),
  /** A split that was intended when holders vanished, and how often in a row; two such deaths quarantine it as `kills-worker`. */
  suspect: z.object({ position: z.int().min(0), deaths: z.int().min(1) }).optional(),
  /** Claims in a row that were given up for want of progress or by a failure, with nothing committed since. */
  strikes: z.int().min(0),
  /** Lambda route: the finished chunk's acknowledgements are sent. On the fleet its message stays until they are. */
  acknowledged: z.boolean().optional(),
  /** How often the dead-letter consumer sent the chunk's message back. */
  redrives: z.int().min(0),
  /** Time that slots spent on what is committed, in milliseconds: what a budget is held against. */
  slotMilliseconds: z.int().min(0),
  /** Calls of AWS that whoever committed made for what is committed; absent where none were counted. */
  calls: z.int().min(0).optional(),
  /** Why the stored row could not be read; then nothing else here comes from it. Never stored in the row itself. */
  unreadable: z.string().optional(),
});
export type ChunkRow = z.output<typeof chunkRowSchema>;

/** A line of what was sealed: a chunk as the seal found it; the only source of reduce and receipt. */
export const sealedLineSchema = chunkRowSchema
  .pick({ index: true, outcomes: true, partials: true, claim: true, deaths: true, spotLosses: true, unreadable: true })
  .extend({ finished: z.boolean() });
export type SealedLine = z.output<typeof sealedLineSchema>;

/**
 * Partition keys that the chunks of a generation are spread over, by their index modulo this number: a map works through neighbouring
 * chunks at the same time, and a partition takes 1,000 write units a second. Sixteen take what a new table takes, four times over, and a
 * listing reads no more than sixteen partitions.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html
 */
export const CHUNK_SHARDS = 16;

const exceptionFields = fileIdentitySchema.extend({
  /** No worker settled it, and the repairs have told so. */
  acknowledgedAsDeadLetter: z.literal(true).optional(),
});
/** A file of the upload path that could not be processed: it is on no batch's list, so it has a row of its own. */
export const uploadExceptionSchema = z.discriminatedUnion("status", [
  exceptionFields.extend({ status: z.literal("skipped"), reason: z.enum(SKIP_REASONS) }),
  exceptionFields.extend({ status: z.literal("quarantined"), reason: z.enum(QUARANTINE_REASONS) }),
]);
export type UploadException = z.output<typeof uploadExceptionSchema>;

/** A worker's sign of life: its host runs, reaches the ledger, and none of its slots is stuck. */
export const hostNoteSchema = z.object({
  /** The instance's id. */
  worker: z.string().min(1),
  /** By the worker's clock, in milliseconds since the epoch. */
  at: z.int().min(0),
  version: z.string(),
});
export type HostNote = z.output<typeof hostNoteSchema>;

/** How the starts of the fleet's hosts went of late. */
export const fleetHealthSchema = z.object({
  /** Hosts in a row that were given up without ever a sign of life, while no other host gave one. */
  failedStarts: z.int().min(0),
  /** Present while the fleet is halted: it launches nothing, but one host to try from `retryAt` on (milliseconds since the epoch both). */
  halt: z.object({ since: z.int().min(0), retryAt: z.int().min(0) }).optional(),
});
export type FleetHealth = z.output<typeof fleetHealthSchema>;

/** The version of the worker (program and settings) that is deployed. */
export const workerVersionSchema = z.object({
  version: z.string().min(1),
  /** When it was announced first, in milliseconds since the epoch. */
  announcedAt: z.int().min(0),
});
export type WorkerVersion = z.output<typeof workerVersionSchema>;
