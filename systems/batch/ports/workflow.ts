import type { GenerationRef } from "../contracts/batch";

export type ExecutionStatus = "running" | "succeeded" | "failed";

/** How an execution stands. */
export interface ExecutionState {
  readonly status: ExecutionStatus;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly error?: string;
  readonly cause?: string;
}

/** The Step Functions machine of the batch workflow. */
export interface Workflow {
  /**
   * Starts `<batchId>-g<generation>`; an execution of that name that exists is left as it is.
   *
   * @returns false when that name exists and is closed; Step Functions answers like for a new one while it runs
   */
  start(ref: GenerationRef): Promise<boolean>;
  /** Starts `<batchId>-g<generation>-finish[-attempt]` with `finish: true`. @returns false when that name exists, as for `start` */
  startFinish(ref: GenerationRef, attempt: number): Promise<boolean>;
  /** Stops the generation's execution; one that is closed or never existed is left as it is. */
  stop(ref: GenerationRef, cause: string): Promise<void>;
  /** @returns undefined when there is no execution of that name (or it ended 90 days ago) */
  status(ref: GenerationRef): Promise<ExecutionState | undefined>;
  /** State of the finish execution of that attempt. */
  finishStatus(ref: GenerationRef, attempt: number): Promise<ExecutionState | undefined>;
}
