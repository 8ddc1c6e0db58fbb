/** Work that was begun and is not waited for where it was begun. It must not reject. */
export class PendingWork {
  private readonly pending = new Set<Promise<void>>();

  public get size(): number {
    return this.pending.size;
  }

  public add(work: Promise<void>): void {
    const tracked = work.finally(() => this.pending.delete(tracked));
    this.pending.add(tracked);
  }

  /** Resolves when all that was begun so far is over. */
  public async settled(): Promise<void> {
    await Promise.all(this.pending);
  }
}
