/**
 * Names that infrastructure and code share. One source, so that they can't drift (invariant 12).
 */

/** Logical names of the queues (requirements S1.27; `chunks` by ADR 0003). */
export const QUEUE_NAMES = { jobs: "wordfreq-jobs", chunks: "wordfreq-chunks", results: "wordfreq-results" } as const;

/** The table of newest results per file (requirement S1.33) and the ledger. */
export const TABLE_NAMES = { results: "wordfreq", ledger: "wordfreq-ledger" } as const;

/** Name of the S3 notification on the processing bucket (requirement S1.40). */
export const NOTIFICATION_NAME = "file-copied-ev";

/** Folders below `lambdas/`, also the middle of the deployed functions' names. */
export const LAMBDA_NAMES = ["plan", "process-chunk", "seal", "reduce", "report", "finish", "orchestrate"] as const;
export type LambdaName = (typeof LAMBDA_NAMES)[number];

/** State machine and map labels (at most 40 characters, no whitespace). */
export const STATE_MACHINE_NAME = "wordfreq-batch";

export const STATE_NAMES = {
  route: "Start",
  plan: "Plan",
  chooseRoute: "ChooseRoute",
  mapFleet: "ProcessChunksOnFleet",
  mapLambda: "ProcessChunksOnLambda",
  seal: "Seal",
  reduce: "Reduce",
  report: "Report",
} as const;

/**
 * User metadata of an object on the upload path (`x-amz-meta-<name>`): the first two override the worker's defaults, `run` names
 * the run of the command that waits for this object's partial (`uploadPartialKey`).
 */
export const OBJECT_METADATA = { minimumWordLength: "minimum-word-length", top: "top", run: "filemill-run" } as const;

/** systemd unit of the worker (requirement S1.48). */
export const WORKER_SERVICE_NAME = "wordfreq";
