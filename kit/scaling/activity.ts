export type ActivityStatus = "InProgress" | "Successful" | "Failed" | "Cancelled";

/** Something that a group did, or tried, and why. Times are milliseconds since the epoch. */
export interface Activity {
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly startedAt: number;
  readonly instanceId?: string;
  endedAt: number | undefined;
  status: ActivityStatus;
  statusMessage: string | undefined;
}

/** AWS keeps six weeks; a group that flaps for as long as that is told of by its last ones. */
const KEPT = 10_000;

/** What a group did, the latest last. */
export class ActivityLog {
  private readonly activities: Activity[] = [];
  private count = 0;

  public get all(): readonly Activity[] {
    return this.activities;
  }

  public begin(given: Pick<Activity, "cause" | "description" | "instanceId" | "startedAt">): Activity {
    this.count += 1;
    const activity: Activity = {
      ...given,
      id: `activity-${this.count}`,
      endedAt: undefined,
      status: "InProgress",
      statusMessage: undefined,
    };
    this.activities.push(activity);
    if (this.activities.length > KEPT) this.activities.shift();
    return activity;
  }

  public end(activity: Activity, now: number, status: ActivityStatus, statusMessage?: string): void {
    activity.endedAt = now;
    activity.status = status;
    activity.statusMessage = statusMessage;
  }
}
