import type { TaskOutput } from "../../../systems/batch/contracts/batch";
import type { CallbackResult, TaskCallback } from "../../../kit/ports/task-callback";

/** Remembers every call; tokens in `invalid` are none. */
export class FakeTaskCallback implements TaskCallback {
  public readonly calls: { readonly token: string; readonly output: TaskOutput }[] = [];
  public readonly failures: { readonly token: string; readonly error: string; readonly cause: string }[] = [];
  public readonly invalid = new Set<string>();

  public succeed(token: string, output: TaskOutput): Promise<CallbackResult> {
    this.calls.push({ token, output });
    return this.answer(token);
  }
  public fail(token: string, error: string, cause: string): Promise<CallbackResult> {
    this.failures.push({ token, error, cause });
    return this.answer(token);
  }

  private answer(token: string): Promise<CallbackResult> {
    return Promise.resolve(this.invalid.has(token) ? "invalid-token" : "delivered");
  }
}
