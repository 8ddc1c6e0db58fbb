import type { ThreadFailure } from "./messages";

/** The thread ended in the middle of work: out of its memory, or by a fault of its program. What it held is lost. */
export class ThreadDiedError extends Error {
  public override readonly name = "ThreadDiedError";
}

/** What was thrown in a thread and says nothing about the file. */
export class ThreadedMachineError extends Error {
  public override readonly name = "ThreadedMachineError";
  public readonly code: string | undefined;
  public constructor(failure: ThreadFailure) {
    super(`${failure.name}: ${failure.message}`, { cause: threadedError(failure) });
    this.code = failure.code;
  }
}

/** What was thrown in a thread about the file that was worked on, under the name that it had there. */
export function threadedError({ message, name, stack }: ThreadFailure): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
