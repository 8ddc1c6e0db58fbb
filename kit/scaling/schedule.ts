import { Cron } from "croner";
import type { Forecast, ScheduledAction } from "./policy";

/** The actions of a group by the clock; each comes once for each of its times. */
export class Schedule {
  private readonly planned: { readonly action: ScheduledAction; next: number | undefined }[];

  /** @param from milliseconds since the epoch: what was due before is over */
  public constructor(actions: readonly ScheduledAction[], from: number) {
    this.planned = actions.map((action) => ({ action, next: nextTime(action, from) }));
  }

  /** Those whose time has come, in its order; of several times of one action that were missed, the last. */
  public due(now: number): ScheduledAction[] {
    const due = this.planned.flatMap((each) => {
      const { next } = each;
      if (next === undefined || next > now) return [];
      each.next = nextTime(each.action, now);
      return [{ at: next, action: each.action }];
    });
    return due.sort((a, b) => a.at - b.at).map(({ action }) => action);
  }

  /** When the next one is due. undefined: never */
  public nextDue(): number | undefined {
    const times = this.planned.flatMap(({ next }) => next ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** @returns undefined: it has no more times. @throws TypeError for what is no cron expression */
function nextTime({ endsAt, recurrence, startsAt, timeZone = "Etc/UTC" }: ScheduledAction, after: number): number | undefined {
  if (recurrence === undefined) return startsAt !== undefined && startsAt > after ? startsAt : undefined;
  const from = Math.max(after, (startsAt ?? 0) - 1);
  const next = new Cron(recurrence, { timezone: timeZone }).nextRun(new Date(from))?.getTime();
  return next !== undefined && next <= (endsAt ?? Number.POSITIVE_INFINITY) ? next : undefined;
}

/** What a forecast wants at a time: the most of what holds and what comes within its buffer. */
export function forecastCapacity({ bufferSeconds, points, scales }: Forecast, now: number): number {
  if (!scales) return 0;
  const until = now + bufferSeconds * 1_000;
  const current = points.findLast(({ at }) => at <= now);
  const coming = points.filter(({ at }) => at > now && at <= until);
  return Math.max(0, ...[...(current === undefined ? [] : [current]), ...coming].map(({ capacity }) => capacity));
}
