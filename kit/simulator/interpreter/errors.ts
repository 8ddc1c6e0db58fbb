/** An error with a name that Retry and Catch match, as Step Functions reports it. */
export class StatesError extends Error {
  public override readonly name = "StatesError";
  /**
   * @param error name such as `States.Timeout` or `Lambda.ServiceException`
   * @param cause text for people; empty where AWS gives none
   */
  public constructor(
    public readonly error: string,
    public override readonly cause: string,
  ) {
    super(cause === "" ? error : `${error}: ${cause}`);
  }
}

/** The definition has something that the interpreter does not carry out as AWS would (invariant 10). */
export class UnsupportedDefinitionError extends Error {
  public override readonly name = "UnsupportedDefinitionError";
  public constructor(machineName: string, problems: string, options?: ErrorOptions) {
    super(
      `the definition of ${machineName} has what the interpreter does not carry out; teach it to kit/simulator/interpreter or take it out:\n${problems}`,
      options,
    );
  }
}

/** The task of this token is over: it was answered, timed out, or its execution was stopped. */
export class TaskTimedOutError extends Error {
  public override readonly name = "TaskTimedOutError";
  public constructor() {
    super("the task of this token timed out or is closed already");
  }
}
/** A token as Step Functions gives them, of a task that this Step Functions does not have. */
export class TaskDoesNotExistError extends Error {
  public override readonly name = "TaskDoesNotExistError";
  public constructor() {
    super("there is no task of this token");
  }
}
/** Not a token. */
export class InvalidTokenError extends Error {
  public override readonly name = "InvalidTokenError";
  public constructor(token: string) {
    super(`'${token.slice(0, 40)}' is no task token; hand back what $$.Task.Token gave`);
  }
}
/** StartExecution and SendTaskSuccess refuse data that is longer than a state may have. */
export class DataTooLongError extends Error {
  public override readonly name = "DataTooLongError";
  public constructor(what: string, bytes: number, maximumBytes: number) {
    super(`${what} has ${bytes} bytes, at most ${maximumBytes} are taken; pass a reference instead`);
  }
}

/** What Retry and Catch can do nothing about, whatever they name. */
const NEVER_MATCHED = "States.Runtime";
/** Terminal: no wildcard matches it. */
const DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded";
const TIMEOUT = "States.Timeout";

/** Whether a retrier's or catcher's ErrorEquals takes an error. https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
export function takesError(errorEquals: readonly string[], error: string): boolean {
  if (error === NEVER_MATCHED) return false;
  return errorEquals.some((name) => {
    if (name === error) return true;
    if (error === DATA_LIMIT_EXCEEDED) return false;
    return name === "States.ALL" || (name === "States.TaskFailed" && error !== TIMEOUT);
  });
}
