import { isMachineError } from "../machine-error";
import { WorkloadUnusableError } from "../workload";
import type { ThreadFailure } from "./messages";
import { threadedError, ThreadedMachineError } from "./thread-errors";

export function failureOf(error: unknown): ThreadFailure {
  const { message, name, stack } = error instanceof Error ? error : new Error(String(error));
  const code = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string" ? error.code : undefined;
  const kind = error instanceof WorkloadUnusableError ? "unusable" : isMachineError(error) ? "machine" : "file";
  return { kind, name, message, stack, code };
}

/** The error that a failure stands for, as far as anybody tells errors apart. */
export function errorOf(failure: ThreadFailure): Error {
  switch (failure.kind) {
    case "unusable":
      return new WorkloadUnusableError(failure.message, { cause: threadedError(failure) });
    case "machine":
      return new ThreadedMachineError(failure);
    case "file":
      return threadedError(failure);
  }
}
