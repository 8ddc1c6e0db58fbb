import type { GroupInstance } from "../../../../kit/scaling/instance";
import type { HeldMessages } from "./held-messages";
import { MINUTE } from "../../../../kit/simulator/kernel/times";
import type { SimProcess } from "../../../../kit/simulator/kernel/sim-process";

/** One EC2 instance of the group. Times are milliseconds since the epoch. */
export class Instance {
  public noticeAt: string | undefined;
  /** When EC2 recommended to leave it. */
  public recommendedAt: string | undefined;
  public process: SimProcess | undefined;
  /** When its worker was started last. */
  public workerStartedAt = 0;
  public bootedAt: number | undefined;
  /** Its process hangs for ever, or never started. */
  public isStuck = false;
  public neverStarts = false;
  /** The group has decided on its end, and waits for its worker's word from then on. */
  public hookedAt: number | undefined;
  /** Its worker asked for its end. */
  public hasRetired = false;
  /** Its worker said that the group need not wait. */
  public hasCompleted = false;
  /** Its worker's process was killed once: nobody knows what it still would have said. */
  public wasKilled = false;
  /** What its worker has received, since it was started last. */
  public held: HeldMessages | undefined;
  /** When its process stood still for a while, in order. */
  public readonly pauses: { readonly from: number; readonly until: number }[] = [];
  /** Aborted when its service is told to stop. */
  public readonly stopping = new AbortController();

  public constructor(
    /** As its group launched it. */
    public readonly placed: Pick<GroupInstance, "id" | "launchedAt" | "launchTemplateVersion" | "market" | "zone">,
  ) {}

  public get id(): string {
    return this.placed.id;
  }
  /** Of the launch template it was made from. */
  public get version(): string {
    return this.placed.launchTemplateVersion;
  }
}

/** How long a suspect host is listened to before it is replaced (systems/batch/core/capacity/replace-silent-hosts.ts). */
const LISTENED_MILLISECONDS = 10 * MINUTE;
/** A live worker gives a sign each minute (worker/host-watch.ts); the rest is for a slow call. */
const SPEAKING_MILLISECONDS = 2 * MINUTE;

/** Whether a host went on for long enough to give a sign of life: one that stands still again and again is as silent as one that hangs. */
export function couldSpeak({ bootedAt, isStuck, pauses }: Instance, now: number): boolean {
  if (isStuck) return false;
  let awakeFrom = Math.max(now - LISTENED_MILLISECONDS, bootedAt ?? now);
  for (const { from, until } of pauses) {
    if (from - awakeFrom >= SPEAKING_MILLISECONDS) return true;
    awakeFrom = Math.max(awakeFrom, until);
  }
  return now - awakeFrom >= SPEAKING_MILLISECONDS;
}
