import { UsageError, InterruptedError } from "../../../kit/cli/command-errors";
import { CommanderError } from "commander";
import { UnknownBatchError } from "../core/stored-batch/errors";
import { GenerationAtWorkError, NothingToResumeError } from "../core/generations/resume-batch";
import { GenerationConflictError } from "../ports/ledger";
import { UnknownFileError } from "../core/quarantine/find-file";
import { NameConflictError } from "../core/sources/listed-sources";
import { NotArrivedError } from "../core/submission/arrivals";
import { SubmissionConflictError } from "../core/submission/same-submission";
import { ForeignBucketError, NothingStoredError } from "../core/teardown/survey-stack";
import { AlreadyUpError, HomeRefusedError } from "../../../kit/local/errors";
import { EXIT, type ExitCode } from "../../../kit/cli/exit-codes";

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
