import { InvalidToken, SendTaskSuccessCommand, TaskDoesNotExist, TaskTimedOut, type SFNClient } from "@aws-sdk/client-sfn";
import type { TaskOutput } from "../core/contracts/batch";
import type { TaskCallback } from "../core/ports/task-callback";

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
export class SfnTaskCallback implements TaskCallback {
  public constructor(private readonly client: SFNClient) {}

  public async succeed(token: string, output: TaskOutput): Promise<"delivered" | "invalid-token"> {
    try {
      await this.client.send(new SendTaskSuccessCommand({ taskToken: token, output: JSON.stringify(output) }));
      return "delivered";
    } catch (error) {
      // both also mean that the task was closed before: by an earlier delivery of this message, a timeout or a stopped execution
      if (error instanceof TaskTimedOut || error instanceof TaskDoesNotExist) return "delivered";
      if (error instanceof InvalidToken) return "invalid-token";
      throw error;
    }
  }
}
