import {
  InvalidToken,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  TaskDoesNotExist,
  TaskTimedOut,
  type SFNClient,
} from "@aws-sdk/client-sfn";
import type { CallbackResult, TaskCallback } from "../ports/task-callback";

/** What SendTaskFailure takes. https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskFailure.html */
const MAXIMUM_ERROR_CHARACTERS = 256;
const MAXIMUM_CAUSE_CHARACTERS = 32_768;

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export class SfnTaskCallback implements TaskCallback {
  public constructor(private readonly client: SFNClient) {}

  public succeed(token: string, output: object): Promise<CallbackResult> {
    return resultOf(this.client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) })));
  }

  public fail(token: string, error: string, cause: string): Promise<CallbackResult> {
    return resultOf(
      this.client.send(
        new SendTaskFailureCommand({
          taskToken: token,
          error: error.slice(0, MAXIMUM_ERROR_CHARACTERS),
          cause: cause.slice(0, MAXIMUM_CAUSE_CHARACTERS),
        }),
      ),
    );
  }
}

async function resultOf(call: Promise<unknown>): Promise<CallbackResult> {
  try {
    await call;
    return "delivered";
  } catch (error) {
    // both also mean that the task was closed before: by an earlier delivery of this message, a timeout or a stopped execution
    if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return "delivered";
    if (error instanceof InvalidToken) return "invalid-token";
    throw error;
  }
}
