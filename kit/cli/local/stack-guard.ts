import { RunFailedError } from "../command-errors";
import type { LocalRuntime } from "./local-runtime";

const LOOK_MILLISECONDS = 1_000;

/**
 * Sees that a local stack is taken down while a command works on it. Without it each call would be tried again and again before it
 * fails, and say no more than that nothing answers.
 */
export class StackGuard {
  private readonly lost = new AbortController();
  private timer: NodeJS.Timeout | undefined;

  public constructor(private readonly findBackground: LocalRuntime["findBackground"]) {}

  /** Aborted with RunFailedError when the stack is gone. */
  public get signal(): AbortSignal {
    return this.lost.signal;
  }

  public watch(endpoint: string): void {
    this.stop();
    this.timer = setInterval(() => void this.look(endpoint), LOOK_MILLISECONDS);
    // it is no reason to stay
    this.timer.unref();
  }

  public stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private async look(endpoint: string): Promise<void> {
    let found;
    try {
      found = await this.findBackground();
    } catch {
      // not to be known just now is not to be gone: it is looked at again
      return;
    }
    if (this.timer === undefined || found?.endpoint === endpoint) return;
    this.stop();
    this.lost.abort(
      new RunFailedError(
        `the local stack at ${endpoint} was taken down while the command worked on it`,
        "start one with `npx filemill local up`, and submit the files again: what was in it is gone",
      ),
    );
  }
}
