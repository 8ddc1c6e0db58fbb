import type { InstanceLife, MachineType } from "./load";

/** What an instance is, and where. */
export type InstancePlace = Pick<InstanceLife, "id" | "instanceType" | "market" | "zone">;

const MINUTE_SECONDS = 60;

/** One instance with its worker, while it lives. Times are milliseconds. */
export class LoadMachine {
  /** When it began to take messages. undefined: it boots */
  public workingAt: number | undefined;
  public files = 0;
  /** What it has taken and not begun. */
  public readonly ahead: number[] = [];
  /** What it works on. */
  public readonly busy = new Set<number>();
  public isAlive = true;
  /** It takes no new messages. */
  public isDraining = false;
  public idleSince = 0;
  private credits: number;
  private creditedAt: number;

  public constructor(
    public readonly place: InstancePlace,
    private readonly machineType: MachineType,
    public readonly launchedAt: number,
  ) {
    this.credits = machineType.credits?.atLaunch ?? Number.POSITIVE_INFINITY;
    this.creditedAt = launchedAt;
  }

  public get id(): string {
    return this.place.id;
  }

  public get freeSlots(): number {
    return this.isAlive && this.workingAt !== undefined ? this.machineType.slots - this.busy.size : 0;
  }

  public get isIdle(): boolean {
    return this.busy.size === 0 && this.ahead.length === 0;
  }

  /** Milliseconds that a file takes from now on: at full speed while there are credits, at the baseline then. */
  public timeFor(bytes: number, now: number): number {
    const { credits, secondsPerFile, slots } = this.machineType;
    const seconds = secondsPerFile(bytes);
    if (credits === undefined) return seconds * 1_000;
    const { baseline } = credits;
    this.credits += ((now - this.creditedAt) / 1_000 / MINUTE_SECONDS) * baseline;
    this.creditedAt = now;
    // of each second at full speed a slot's share is taken, and what is earned meanwhile is counted when it is over
    const cost = seconds / MINUTE_SECONDS / slots;
    const paid = Math.min(1, Math.max(0, this.credits / cost));
    this.credits = Math.max(0, this.credits - cost);
    return (seconds * paid + (seconds * (1 - paid)) / baseline) * 1_000;
  }
}
