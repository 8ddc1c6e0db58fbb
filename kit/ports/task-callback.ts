/** `delivered` also when the task is closed or its token timed out: what happened can't be changed any more. */
export type CallbackResult = "delivered" | "invalid-token";

/** Step Functions' answers to a waiting task, by its token. */
export interface TaskCallback {
  /** SendTaskSuccess. @returns `invalid-token` when the token is none */
  succeed(token: string, output: object): Promise<CallbackResult>;
  /** SendTaskFailure. @returns `invalid-token` when the token is none */
  fail(token: string, error: string, cause: string): Promise<CallbackResult>;
}
