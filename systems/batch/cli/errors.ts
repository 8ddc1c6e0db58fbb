import { UnknownBatchError } from "../core/stored-batch/errors";
import { GenerationAtWorkError, NothingToResumeError } from "../core/generations/resume-batch";
import { GenerationConflictError } from "../ports/ledger";
import { NothingToProveError, RecoveryOffError } from "../core/drills/restore-drill";
import { UnknownFileError } from "../core/quarantine/find-file";
import { NameConflictError } from "../core/sources/listed-sources";
import { NotArrivedError } from "../core/stored-batch/arrivals";
import { SubmissionConflictError } from "../core/submission/same-submission";
import { ForeignBucketError, NothingStoredError } from "../core/teardown/survey-stack";

/** Errors that are the user's to put right, and say so with exit code 2. */
export const USAGE_ERRORS = [
  SubmissionConflictError,
  NotArrivedError,
  NameConflictError,
  UnknownBatchError,
  UnknownFileError,
  NothingToResumeError,
  GenerationAtWorkError,
  GenerationConflictError,
  ForeignBucketError,
  NothingStoredError,
  NothingToProveError,
  RecoveryOffError,
] as const;
