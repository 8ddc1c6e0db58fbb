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
