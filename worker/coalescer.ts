import type { Clock } from "../kit/ports/clock";
import { pause } from "./pause";

/** How long what is small may wait for its like. */
export interface Gathering {
  readonly clock: Clock;
  /** The longest wait of one flush. 0: nothing waits. */
  readonly milliseconds: number;
  /** As many items as a call takes: with them nothing waits any more, and of more than them a flush takes whole calls. */
  readonly fullCall: number;
  /** Whether more may come soon. While none does nothing waits. */
  readonly isMoreToCome: () => boolean;
}

interface Addition<T> {
  readonly items: readonly T[];
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Turns many small calls into few: what is added while a flush is under way goes out with the next one. The first of a burst waits
 * one turn of the event loop; where more is to come it waits for it, a bounded time, so an idle worker answers at once.
 */
export class Coalescer<T> {
  private readonly pending: Addition<T>[] = [];
  private flushing: Promise<void> | undefined;
  /** Somebody waits for what is pending. */
  private isUrgent = false;
  private gathered: AbortController | undefined;

  /** @param gathering @default nothing waits for more than one turn of the event loop */
  public constructor(
    private readonly flush: (items: readonly T[]) => Promise<void>,
    private readonly gathering?: Gathering,
  ) {}

  /** Resolves when the flush that took the items did; rejects with its error. What is added so may wait for more. */
  public add(items: readonly T[]): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    const done = new Promise<void>((resolve, reject) => this.pending.push({ items, resolve, reject }));
    this.flushing ??= this.run();
    if (!this.waits()) this.gathered?.abort();
    return done;
  }

  /** As `add`, for whoever can't go on before: it takes along what waits. */
  public addUrgently(items: readonly T[]): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    const done = this.add(items);
    this.hurry();
    return done;
  }

  /** What is pending goes out now. */
  public hurry(): void {
    if (this.pending.length === 0) return;
    this.isUrgent = true;
    this.gathered?.abort();
  }

  private async run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.pending.length > 0) {
      await this.gather();
      const taken = this.take();
      try {
        await this.flush(taken.flatMap(({ items }) => items));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.flushing = undefined;
  }

  private async gather(): Promise<void> {
    if (this.gathering === undefined || !this.waits()) return;
    this.gathered = new AbortController();
    await pause(this.gathering.clock, this.gathering.milliseconds, this.gathered.signal);
    this.gathered = undefined;
  }

  private waits(): boolean {
    if (this.gathering === undefined || this.isUrgent || this.gathering.milliseconds === 0) return false;
    return this.pendingItems() < this.gathering.fullCall && this.gathering.isMoreToCome();
  }

  /** Everything; or whole calls of it, when the rest may wait for more. */
  private take(): Addition<T>[] {
    const items = this.pendingItems();
    const { fullCall = 1 } = this.gathering ?? {};
    const room = this.isUrgent || items < fullCall ? items : items - (items % fullCall);
    this.isUrgent = false;
    let taken = 0;
    let size = 0;
    for (const addition of this.pending) {
      // one that alone is more than a call goes at once, too
      if (taken > 0 && size + addition.items.length > room) break;
      size += addition.items.length;
      taken += 1;
    }
    return this.pending.splice(0, taken);
  }

  private pendingItems(): number {
    return this.pending.reduce((sum, { items }) => sum + items.length, 0);
  }
}
