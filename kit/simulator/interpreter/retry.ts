import type { Retrier } from "./definition";
import { takesError } from "./errors";

/** The retriers of a state while it is in it: each one counts its own attempts, and leaving the state forgets them. */
export class Retries {
  private readonly used: number[];

  public constructor(
    private readonly retriers: readonly Retrier[],
    private readonly random: () => number,
  ) {
    this.used = retriers.map(() => 0);
  }

  /**
   * @returns how long to wait before the next attempt; undefined when the first retrier that takes the error has none left, or none takes
   * it
   */
  public delayMilliseconds(error: string): number | undefined {
    const index = this.retriers.findIndex(({ ErrorEquals }) => takesError(ErrorEquals, error));
    const retrier = this.retriers[index];
    const used = this.used[index];
    if (retrier === undefined || used === undefined || used >= retrier.MaxAttempts) return undefined;
    this.used[index] = used + 1;
    const seconds = Math.min(retrier.IntervalSeconds * Math.pow(retrier.BackoffRate, used), retrier.MaxDelaySeconds ?? Infinity);
    return seconds * 1_000 * (retrier.JitterStrategy === "FULL" ? this.random() : 1);
  }
}
