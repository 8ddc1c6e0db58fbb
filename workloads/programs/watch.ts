import { setTimeout as delay } from "node:timers/promises";
import type { ProcessFamily } from "./process-family";
import { usedDisk } from "./used-disk";
import { usedMemory } from "./used-memory";

/**
 * Between two looks at what a run takes. A program that takes memory or disk as fast as it can gets past its limit by what it takes in
 * this time, some hundred megabytes; looking more often would cost more than a hundredth of a processor.
 */
const LOOK_MILLISECONDS = 200;
/** As many bytes worked through are progress, by which a lease lives (invariant 8): a program counts as at work as long as it may run. */
const PROGRESS_BYTES = 8 * 1_048_576;

export interface Watched {
  readonly family: Pick<ProcessFamily, "members">;
  /** What is written below these counts. */
  readonly folders: readonly string[];
  readonly memoryLimitBytes: number;
  /** What may lie in the folders. */
  readonly diskLimitBytes: number;
  /** Called with 8 MiB each time it was looked. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  readonly onExcess: (limit: "memory" | "disk") => void;
}

/** Looks at a run until `ended` aborts. @throws what can't be looked at */
export async function watch(watched: Watched, ended: AbortSignal): Promise<void> {
  while (await pause(ended)) {
    watched.onProgress?.(PROGRESS_BYTES);
    const pids = (await watched.family.members()).map(({ pid }) => pid);
    if ((await usedMemory(pids, watched.memoryLimitBytes)) > watched.memoryLimitBytes) watched.onExcess("memory");
    if ((await usedDisk(watched.folders)) > watched.diskLimitBytes) watched.onExcess("disk");
  }
}

/** @returns false when it is over */
async function pause(ended: AbortSignal): Promise<boolean> {
  try {
    await delay(LOOK_MILLISECONDS, undefined, { signal: ended });
    return true;
  } catch (error) {
    if (ended.aborted) return false;
    throw error;
  }
}
