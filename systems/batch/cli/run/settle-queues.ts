import type { Reporter } from "../../../../kit/cli/render/reporter";
import type { Services } from "../services";

const POLL_MILLISECONDS = 100;
/** A lease of the local environment and some: a message that is still there then was not deleted by its worker. */
const PATIENCE_MILLISECONDS = 20_000;

/**
 * Waits until no job is left. Results are there before a worker's last calls (acknowledge, delete) are made; stopping the stack
 * under them would hide that one of them is denied. A queue that does not empty is said, not hidden.
 */
export async function settleQueues(
  { jobs, chunks, clock }: Pick<Services, "jobs" | "chunks" | "clock">,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  reporter.wait("waiting until the queues are empty");
  const until = clock.monotonic() + PATIENCE_MILLISECONDS;
  for (;;) {
    const depths = await Promise.all([jobs.read(), chunks.read()]);
    const left = depths.reduce((sum, { visible, inFlight }) => sum + visible + inFlight, 0);
    if (left === 0) return;
    if (clock.monotonic() >= until) {
      reporter.say(`${left} messages are still in the queues: a worker did not delete them`);
      return;
    }
    await clock.sleep(POLL_MILLISECONDS, signal);
  }
}
