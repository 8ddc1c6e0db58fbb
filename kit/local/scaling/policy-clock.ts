/** The most seconds of policies in a second: a minute of them is half a second then, in which queues are read and workers start. */
export const MAXIMUM_TIME_FACTOR = 120;

/** The time of policies: that of the clock, or faster by a factor from the moment it was made on. */
export class PolicyClock {
  private readonly startedAt: number;

  /**
   * @param factor seconds of policies in a second, 1 to MAXIMUM_TIME_FACTOR
   * @param wallClock milliseconds since the epoch
   */
  public constructor(
    public readonly factor: number,
    private readonly wallClock: () => number = Date.now,
  ) {
    this.startedAt = wallClock();
  }

  /** Milliseconds since the epoch, in the time of policies. */
  public now(): number {
    return this.startedAt + (this.wallClock() - this.startedAt) * this.factor;
  }

  /** How long a timer has to be set until a time of policies, in milliseconds; 0 for one that has come. */
  public timerUntil(time: number): number {
    return Math.max(0, (time - this.now()) / this.factor);
  }
}
