/**
 * Names that infrastructure and code share. One source, so that they can't drift (invariant 12).
 */

/** Of its stacks (`batch-dev`), and of its folders. */
export const SYSTEM_NAME = "batch";

/** Logical names of the queues (requirements S1.27; `chunks` by ADR 0003). */
export const QUEUE_NAMES = { jobs: "wordfreq-jobs", chunks: "wordfreq-chunks", results: "wordfreq-results" } as const;

/** Ends the names of what chunks have that wait for on-demand capacity: their queue, group, launch templates (ADR 0039). */
export const ON_DEMAND_SUFFIX = "-on-demand";

/** The table of newest results per file (requirement S1.33) and the ledger. */
export const TABLE_NAMES = { results: "wordfreq", ledger: "wordfreq-ledger" } as const;

/** Name of the S3 notification on the processing bucket (requirement S1.40). */
export const NOTIFICATION_NAME = "file-copied-ev";

/** Name of the state machine (at most 80 characters). */
export const STATE_MACHINE_NAME = "wordfreq-batch";

export const STATE_NAMES = {
  route: "Start",
  plan: "Plan",
  chooseRoute: "ChooseRoute",
  /** Until another batch ends: the environment has as many open ones as it may. */
  waitForTurn: "WaitForTurn",
  mapFleet: "ProcessChunksOnFleet",
  mapLambda: "ProcessChunksOnLambda",
  seal: "Seal",
  /** The same as `Seal`, with the error that was caught before. */
  sealFailed: "SealFailed",
  /** Whether what was sealed is too much for one function's time. */
  chooseReduce: "ChooseReduce",
  mapMerge: "MergeRanges",
  reduce: "Reduce",
  report: "Report",
  unreported: "Unreported",
} as const;

/** States of a child of the fleet's map. State names are unique in a whole machine, its maps' children included. */
export const FLEET_CHILD_STATE_NAMES = { send: "SendChunk", unanswered: "FleetChunkUnanswered" } as const;

/** States of a child of the Lambda map. */
export const LAMBDA_CHILD_STATE_NAMES = {
  process: "ProcessChunk",
  chooseRound: "ChooseRound",
  nextRound: "NextRound",
  done: "ChunkDone",
  unanswered: "LambdaChunkUnanswered",
} as const;

/** States of a child of the map that merges ranges of partials. */
export const MERGE_CHILD_STATE_NAMES = { merge: "MergeRange", unmerged: "RangeUnmerged" } as const;

/** Labels of the maps, part of their children's ARNs: at most 40 characters, no whitespace. */
export const MAP_LABELS = { fleet: "Fleet", lambda: "Lambda", merge: "Merge" } as const;

/**
 * User metadata of an object on the upload path (`x-amz-meta-<name>`): the first three override the worker's defaults, `run` names
 * the run of the command that waits for this object's partial (`uploadPartialKey`).
 */
export const OBJECT_METADATA = {
  run: "filemill-run",
} as const;

/** systemd unit of the worker (requirement S1.48). */
export const WORKER_SERVICE_NAME = "wordfreq";
