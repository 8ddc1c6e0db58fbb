import { CommanderError } from "commander";
import { UnknownBatchError } from "../core/generations/errors";
import { GenerationAtWorkError, NothingToResumeError } from "../core/generations/resume-batch";
import { GenerationConflictError } from "../core/ports/ledger";
import { UnknownFileError } from "../core/quarantine/find-file";
import { NameConflictError } from "../core/sources/listed-sources";
import { NotArrivedError } from "../core/submission/arrivals";
import { SubmissionConflictError } from "../core/submission/same-submission";
import { ForeignBucketError, NothingStoredError } from "../core/teardown/survey-stack";
import { AlreadyUpError, HomeRefusedError } from "../local/errors";
import { EXIT } from "./exit-codes";
import type { ExitCode } from "./exit-codes";

/** The command was used wrongly, or was given input it can't take. Nothing was started. */
export class UsageError extends Error {
  public override readonly name = "UsageError";
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Something the command needs did not work. */
export class RunFailedError extends Error {
  public override readonly name: string = "RunFailedError";
  public constructor(
    message: string,
    public readonly fix: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A place that the command writes to can't be written; says which, and how to name another one. */
export class UnwritableError extends RunFailedError {
  public override readonly name = "UnwritableError";
}

/** Ctrl-C or SIGTERM. */
export class InterruptedError extends Error {
  public override readonly name = "InterruptedError";
  public constructor() {
    super("interrupted");
  }
}

/** Errors that are the user's to put right, and say so with exit code 2. */
const USAGE_ERRORS = [
  UsageError,
  SubmissionConflictError,
  NotArrivedError,
  NameConflictError,
  UnknownBatchError,
  UnknownFileError,
  NothingToResumeError,
  GenerationAtWorkError,
  GenerationConflictError,
  HomeRefusedError,
  AlreadyUpError,
  ForeignBucketError,
  NothingStoredError,
] as const;

export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof InterruptedError) return EXIT.interrupted;
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  return USAGE_ERRORS.some((kind) => error instanceof kind) ? EXIT.usage : EXIT.failed;
}
