import { setTimeout as delay } from "node:timers/promises";
import { signalProcess, type ProcessFacts } from "./processes";

/** What a look found of the processes that are to end. */
export interface EndLook {
  readonly members: readonly ProcessFacts[];
  /** Numbers of all that had ended when the look came to them, whosever they were: each may have started another just before. */
  readonly ended: ReadonlySet<number>;
}

const POLL_MILLISECONDS = 5;

/**
 * Kills processes until a look finds none, and none that could have hidden one: a process that ends while it is looked for may leave a
 * child that came too late to be seen. On a machine where processes end all the time the looking ends at the deadline.
 *
 * @param look finds those that are left
 * @returns those that are left at the deadline
 */
export async function endProcesses(look: () => Promise<EndLook>, timeoutMilliseconds: number): Promise<readonly ProcessFacts[]> {
  const deadline = performance.now() + timeoutMilliseconds;
  let endedBefore: ReadonlySet<number> = new Set();
  for (;;) {
    const { ended, members } = await look();
    const couldHide = [...ended].some((pid) => !endedBefore.has(pid));
    if (members.length === 0 && !couldHide) return [];
    for (const { pid } of members) signalProcess(pid, "SIGKILL");
    if (performance.now() > deadline) return members;
    endedBefore = ended;
    if (members.length > 0) await delay(POLL_MILLISECONDS);
  }
}
