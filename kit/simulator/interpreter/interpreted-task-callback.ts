import type { CallbackResult, TaskCallback } from "../../ports/task-callback";
import { InvalidTokenError, TaskDoesNotExistError, TaskTimedOutError } from "./errors";
import type { StepFunctions } from "./step-functions";

/** The port on the interpreter, with the answers of kit/aws/sfn-task-callback.ts. */
export class InterpretedTaskCallback implements TaskCallback {
  public constructor(private readonly stepFunctions: StepFunctions) {}

  public succeed(token: string, output: object): Promise<CallbackResult> {
    return answered(() => {
      this.stepFunctions.sendTaskSuccess(token, output);
    });
  }

  public fail(token: string, error: string, cause: string): Promise<CallbackResult> {
    return answered(() => {
      this.stepFunctions.sendTaskFailure(token, error, cause);
    });
  }
}

async function answered(call: () => void): Promise<CallbackResult> {
  // a call takes at least a turn, whoever answers it
  await Promise.resolve();
  try {
    call();
    return "delivered";
  } catch (error) {
    if (error instanceof TaskTimedOutError || error instanceof TaskDoesNotExistError) return "delivered";
    if (error instanceof InvalidTokenError) return "invalid-token";
    throw error;
  }
}
