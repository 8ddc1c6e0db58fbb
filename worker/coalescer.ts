/**
 * Turns many small calls into few: what is added while a flush is under way goes out with the next one. The first of a burst waits
 * one turn of the event loop, not a timer, so an idle worker answers at once.
 */
export class Coalescer<T> {
  private pending: { readonly items: readonly T[]; readonly resolve: () => void; readonly reject: (reason: unknown) => void }[] = [];
  private flushing: Promise<void> | undefined;

  public constructor(private readonly flush: (items: readonly T[]) => Promise<void>) {}

  /** Resolves when the flush that took the items did; rejects with its error. */
  public add(items: readonly T[]): Promise<void> {
    if (items.length === 0) return Promise.resolve();
    const done = new Promise<void>((resolve, reject) => this.pending.push({ items, resolve, reject }));
    this.flushing ??= this.run();
    return done;
  }

  private async run(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.pending.length > 0) {
      const taken = this.pending;
      this.pending = [];
      try {
        await this.flush(taken.flatMap(({ items }) => items));
        for (const { resolve } of taken) resolve();
      } catch (error) {
        for (const { reject } of taken) reject(error);
      }
    }
    this.flushing = undefined;
  }
}
