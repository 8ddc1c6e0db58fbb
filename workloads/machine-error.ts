import { FolderBusyError, NotOwnedError } from "../kit/folders/removal";
import { ThreadDiedError, ThreadedMachineError } from "./threads/thread-errors";
import { BrokenRunError } from "./word-count/counter/run-file";
import { TryAgainLaterError, WorkloadUnusableError } from "./workload";

const NO_FILES_ERRORS = [
  BrokenRunError,
  NotOwnedError,
  FolderBusyError,
  ThreadDiedError,
  ThreadedMachineError,
  TryAgainLaterError,
  WorkloadUnusableError,
] as const;

/**
 * An error of this machine (disk full, too many open files, a temporary file that something else changed)
 * or of the workload as a whole: it says nothing about the file.
 */
export const isMachineError = (error: unknown): boolean =>
  NO_FILES_ERRORS.some((kind) => error instanceof kind) || (typeof error === "object" && error !== null && "syscall" in error);
