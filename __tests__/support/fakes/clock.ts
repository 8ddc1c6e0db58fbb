import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../../../kit/ports/clock";

/** Time that stands still until it is advanced; a sleep advances it by its length and ends in the next turn of the event loop. */
export class FakeClock implements Clock {
  /** Lengths of all sleeps so far, in milliseconds. */
  public readonly slept: number[] = [];

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
  public advance(milliseconds: number): void {
    this.time += milliseconds;
  }
  public async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await nextTurn();
    signal?.throwIfAborted();
    this.slept.push(milliseconds);
    this.time += milliseconds;
  }
}
