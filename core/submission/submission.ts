import type { BatchSource, RequestedRoute, WorkloadOptions } from "../contracts/batch";

/** A file of this machine that is to be submitted. */
export interface SourceFile {
  /** Its name in results: the path below what was given, with `/` between folders. */
  readonly name: string;
  readonly path: string;
  /** Bytes, as seen when the input was checked. */
  readonly size: number;
}

/** What a batch is made of: files to upload, or objects that are in an allowed bucket already. */
export type SubmissionSource =
  | { readonly kind: "files"; readonly files: readonly SourceFile[]; readonly uploadingBucket: string }
  | { readonly kind: "objects"; readonly source: BatchSource };

export interface BatchSubmission {
  /** The client's own id: the same id is the same batch. @default the new batch's id: every submission is another batch */
  readonly requestId?: string;
  readonly source: SubmissionSource;
  readonly options: WorkloadOptions;
  readonly requestedRoute: RequestedRoute;
  /** @default DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO */
  readonly acknowledgePerFileUpTo?: number;
  /** When the batch is stopped in order, whatever is left of it (ISO 8601, UTC). @default never */
  readonly deadline?: string;
  /** Estimated spending in US dollars at which the batch is stopped in order, above 0. @default no bound */
  readonly budgetUsd?: number;
}

/**
 * Up to this many files each gets its own acknowledgement. Above it the results queue would mostly carry what `results.jsonl`
 * holds anyway, at a message a file.
 */
export const DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO = 10_000;

/** Uploads at a time: enough to hide a call's latency, few enough that S3's and the emulator's clients don't queue. */
export const UPLOAD_CONCURRENCY = 8;

/** The request id belongs to a batch that was submitted differently. */
export class SubmissionConflictError extends Error {
  public override readonly name = "SubmissionConflictError";
  public readonly fix = "give another --request-id for another batch, or repeat the first submission unchanged";
  public constructor(
    public readonly requestId: string,
    public readonly batchId: string,
    difference: string,
  ) {
    super(`request id '${requestId}' is batch ${batchId}, which was submitted differently: ${difference}`);
  }
}
