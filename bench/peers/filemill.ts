import { setTimeout as wait } from "node:timers/promises";
import { StackProcesses } from "../../__tests__/support/chaos/stack-processes";
import type { BenchStack } from "../system/bench-stack";
import { countBatch, type FileToCount } from "../system/local-batch";
import type { Peer } from "./outcome";

/** The count of calls is 200 ms old at most. */
const LOOK_AGAIN_MILLISECONDS = 20;
const READ = "s3:GetObject";

/** Our system on its local stack, a batch on the fleet. */
export const filemill = (
  { homeDirectory, stack }: BenchStack,
  files: readonly FileToCount[],
  killAfterFiles: number | undefined,
): Peer => ({
  name: "Filemill",
  count: async () => {
    const before = stack.calls()[READ] ?? 0;
    const done = new AbortController();
    const killing =
      killAfterFiles === undefined
        ? Promise.resolve(false)
        : killOne(homeDirectory, () => (stack.calls()[READ] ?? 0) - before >= killAfterFiles, done.signal);
    try {
      const { processed, seconds, totalWords } = await countBatch(stack, files, "fleet");
      done.abort();
      const failure = processed === files.length ? undefined : `${processed} of ${files.length} files were processed`;
      return { seconds: seconds ?? undefined, totalWords, killed: await killing, failure };
    } finally {
      done.abort();
    }
  },
});

/** @returns whether a worker was killed before the end */
async function killOne(home: string, isTime: () => boolean, end: AbortSignal): Promise<boolean> {
  const processes = new StackProcesses(home);
  while (!end.aborted) {
    if (isTime()) {
      const [victim] = await processes.workers();
      if (victim === undefined) throw new Error("the stack has no worker to kill");
      process.kill(victim, "SIGKILL");
      return true;
    }
    await wait(LOOK_AGAIN_MILLISECONDS);
  }
  return false;
}
