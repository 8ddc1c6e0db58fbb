import { parseUploadMessage } from "../../contracts/s3-event";
import type { QueueDepth } from "../../../../kit/ports/capacity";
import type { JobQueue } from "../../../../kit/ports/job-queue";

/** What one receive takes: a queue with more in it has real work. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html */
const MOST_MESSAGES = 10;
/** Enough to look at ten messages and give them back; if it ends before, they come back by themselves. */
const LOOK_SECONDS = 30;

export type JobsQueue = QueueDepth & JobQueue;

/**
 * Deletes `s3:TestEvent` messages, which S3 sends whenever a notification is made: no work, so no reason to launch a host. To be asked
 * before a fleet is woken from zero only, because a look counts as a receipt of the messages that are real.
 *
 * @returns the jobs that are left, visible ones and those in flight
 */
export async function backlogWithoutTestEvents(jobs: JobsQueue): Promise<number> {
  const { inFlight, visible } = await jobs.read();
  if (visible === 0 || visible + inFlight > MOST_MESSAGES) return visible + inFlight;
  const messages = await jobs.receive({ maximumMessages: MOST_MESSAGES, waitSeconds: 0, leaseSeconds: LOOK_SECONDS });
  const tests = messages.filter(({ body }) => parseUploadMessage(body).kind === "test");
  if (tests.length > 0) await jobs.delete(tests);
  const others = messages.filter((message) => !tests.includes(message));
  if (others.length > 0) await jobs.extend(others, 0);
  return Math.max(others.length, visible + inFlight - tests.length);
}
