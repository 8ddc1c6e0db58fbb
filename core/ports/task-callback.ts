import type { TaskOutput } from "../contracts/batch";

/** Step Functions' SendTaskSuccess. */
export interface TaskCallback {
  /**
   * @returns `delivered` also when the task is closed or its token timed out: what happened can't be changed any more;
   * `invalid-token` when the token is none
   */
  succeed(token: string, output: TaskOutput): Promise<"delivered" | "invalid-token">;
}
