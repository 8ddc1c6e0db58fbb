import type { ProcessFamily } from "./process-family";

export type LimitName = "time" | "memory" | "disk" | "output";

/** From SIGTERM to SIGKILL, for a program that tidies up when its time is over. */
const GRACE_MILLISECONDS = 2_000;

/** Ends a program for the first of its limits that it goes past. */
export class Stopper {
  public limit: LimitName | undefined;
  private readonly timer: NodeJS.Timeout;
  private graceTimer: NodeJS.Timeout | undefined;

  public constructor(
    private readonly family: ProcessFamily,
    timeMilliseconds: number,
  ) {
    this.timer = setTimeout(() => {
      this.stop("time");
    }, timeMilliseconds);
  }

  public stop(limit: LimitName): void {
    if (this.limit !== undefined) return;
    this.limit = limit;
    this.family.signal(limit === "time" ? "SIGTERM" : "SIGKILL");
    if (limit === "time") this.graceTimer = setTimeout(() => this.family.signal("SIGKILL"), GRACE_MILLISECONDS);
  }

  public clear(): void {
    clearTimeout(this.timer);
    clearTimeout(this.graceTimer);
  }
}
