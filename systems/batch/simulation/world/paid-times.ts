interface Paid {
  readonly from: number;
  readonly neverStarts: boolean;
  until: number | undefined;
}

/** From when until when instances were paid for. Times are milliseconds since the epoch. */
export class PaidTimes {
  private readonly paid = new Map<string, Paid>();

  public constructor(private readonly now: () => number) {}

  public begin(instanceId: string, neverStarts: boolean): void {
    this.paid.set(instanceId, { from: this.now(), neverStarts, until: undefined });
  }

  public end(instanceId: string): void {
    const paid = this.paid.get(instanceId);
    if (paid !== undefined) paid.until ??= this.now();
  }

  /** What all instances were paid for from a time on, in milliseconds. */
  public since(time: number): number {
    return this.sum(time, () => true);
  }

  /** What those were paid for that never started, in milliseconds. */
  public get unstarted(): number {
    return this.sum(0, ({ neverStarts }) => neverStarts);
  }

  private sum(time: number, isMeant: (paid: Paid) => boolean): number {
    const now = this.now();
    return [...this.paid.values()]
      .filter((paid) => isMeant(paid))
      .reduce((sum, { from, until = now }) => sum + Math.max(0, until - Math.max(from, time)), 0);
  }
}
