import type { Clock } from "../../ports/clock";
import { EventHeap, type PlannedEvent } from "./event-heap";

/** One turn of the event loop: everything that can run without time passing has run afterwards. */
const turn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/**
 * Time that passes only when nothing is left to do at the present moment. Everything asynchronous in a simulated world waits either for
 * this clock or for microtasks, so the order of all that happens follows from the seed alone.
 */
export class VirtualTime implements Clock {
  private readonly heap = new EventHeap();
  private planned = 0;
  private present: number;

  /** @param start milliseconds since the epoch */
  public constructor(private readonly start: number) {
    this.present = start;
  }

  public now(): number {
    return this.present;
  }

  public monotonic(): number {
    return this.present - this.start;
  }

  /** Plans an action, in whole milliseconds from now. @returns what takes it back */
  public after(milliseconds: number, action: () => void): PlannedEvent {
    this.planned += 1;
    const event = { at: this.present + Math.max(0, Math.round(milliseconds)), order: this.planned, action, cancelled: false };
    this.heap.push(event);
    return event;
  }

  public sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(reasonOf(signal));
        return;
      }
      const onAbort = (): void => {
        event.cancelled = true;
        if (signal !== undefined) reject(reasonOf(signal));
      };
      const event = this.after(milliseconds, () => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      });
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  /**
   * Lets time pass until `isOver`, or until nothing is planned any more, or until `untilMilliseconds`.
   *
   * @returns why it ended
   */
  public async run(isOver: () => boolean, untilMilliseconds: number): Promise<"over" | "nothing-left" | "time-up"> {
    await turn();
    while (!isOver()) {
      const event = await this.next();
      if (event === undefined) return "nothing-left";
      if (event.at > untilMilliseconds) {
        this.heap.push(event);
        return "time-up";
      }
      this.present = event.at;
      event.action();
      await turn();
    }
    return "over";
  }

  private async next(): Promise<PlannedEvent | undefined> {
    for (let idleTurns = 0; idleTurns < 3; idleTurns += 1) {
      for (let event = this.heap.pop(); event !== undefined; event = this.heap.pop()) if (!event.cancelled) return event;
      // an immediate of the code that runs here may be about to plan something
      await turn();
    }
    return undefined;
  }
}

const reasonOf = (signal: AbortSignal): Error => {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new Error(String(reason));
};
