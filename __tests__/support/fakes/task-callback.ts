import type { TaskOutput } from "../../../core/contracts/batch";
import type { TaskCallback } from "../../../core/ports/task-callback";

/** Remembers every call; tokens in `invalid` are none. */
export class FakeTaskCallback implements TaskCallback {
  public readonly calls: { readonly token: string; readonly output: TaskOutput }[] = [];
  public readonly invalid = new Set<string>();

  public succeed(token: string, output: TaskOutput): Promise<"delivered" | "invalid-token"> {
    this.calls.push({ token, output });
    return Promise.resolve(this.invalid.has(token) ? "invalid-token" : "delivered");
  }
}
