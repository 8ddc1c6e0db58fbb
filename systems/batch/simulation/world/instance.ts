import { MINUTE } from "../../../../kit/simulator/kernel/times";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";

/** One EC2 instance of the group. */
export class Instance {
  public noticeAt: string | undefined;
  /** When EC2 recommended to leave it. */
  public recommendedAt: string | undefined;
  public process: SimProcess | undefined;
  /** When its worker was started last, in milliseconds since the epoch. */
  public workerStartedAt = 0;
  public bootedAt: number | undefined;
  /** The group has decided on its end, and waits for its worker's word from then on (milliseconds since the epoch). */
  public hookedAt: number | undefined;
  /** Its worker asked for its end. */
  public hasRetired = false;
  /** Its worker's process was killed once: nobody knows what it still would have said. */
  public wasKilled = false;
  /** Its worker said that the group need not wait. */
  public hasCompleted = false;
  /** Its process hangs for ever, or never started. */
  public isStuck = false;
  public launchedAt = 0;
  public neverStarts = false;
  /** When its process stood still for a while, in milliseconds since the epoch, in order. */
  public readonly pauses: { readonly from: number; readonly until: number }[] = [];
  public constructor(
    public readonly id: string,
    /** Of the launch template it was made from. */
    public readonly version: string,
  ) {}
}

/** How long a suspect host is listened to before it is replaced (systems/batch/core/capacity/replace-silent-hosts.ts). */
const LISTENED_MILLISECONDS = 10 * MINUTE;
/** A live worker gives a sign each minute (worker/host-watch.ts); the rest is for a slow call. */
const SPEAKING_MILLISECONDS = 2 * MINUTE;

/** Whether a host went on for long enough to give a sign of life: one that stands still again and again is as silent as one that hangs. */
export function couldSpeak({ bootedAt, pauses }: Instance, now: number): boolean {
  let awakeFrom = Math.max(now - LISTENED_MILLISECONDS, bootedAt ?? now);
  for (const { from, until } of pauses) {
    if (from - awakeFrom >= SPEAKING_MILLISECONDS) return true;
    awakeFrom = Math.max(awakeFrom, until);
  }
  return now - awakeFrom >= SPEAKING_MILLISECONDS;
}
