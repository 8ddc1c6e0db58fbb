import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../kit/ports/clock";

/** Time that only the test moves; sleepers wake in the order of their times. */
export class ManualClock implements Clock {
  private sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  private stepped = 0;

  public constructor(private time = Date.UTC(2026, 0, 1)) {}

  public now(): number {
    return this.time + this.stepped;
  }

  public monotonic(): number {
    return this.time;
  }

  /** Sets the time of day forwards or back; nothing has passed. */
  public step(milliseconds: number): void {
    this.stepped += milliseconds;
  }

  public sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = {
        at: this.time + milliseconds,
        wake: () => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        },
      };
      const aborted = (): void => {
        this.sleepers = this.sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason instanceof Error ? signal.reason : new Error("aborted"));
      };
      if (signal?.aborted === true) {
        aborted();
        return;
      }
      this.sleepers.push(sleeper);
      signal?.addEventListener("abort", aborted, { once: true });
    });
  }

  /** Sleeping callers. */
  public get sleeping(): number {
    return this.sleepers.length;
  }

  public advance(milliseconds: number): void {
    this.time += milliseconds;
    const due = this.sleepers.filter(({ at }) => at <= this.time).sort((a, b) => a.at - b.at);
    this.sleepers = this.sleepers.filter((sleeper) => !due.includes(sleeper));
    for (const { wake } of due) wake();
  }
}

/** Turns of the event loop in which what a passing moment set off is done. */
const TURNS = 20;

/** Lets the time of something that runs by a clock pass; what it does then is done. */
export async function letPass(clock: ManualClock, milliseconds: number): Promise<void> {
  clock.advance(milliseconds);
  for (let turn = 0; turn < TURNS; turn += 1) await nextTurn();
}
