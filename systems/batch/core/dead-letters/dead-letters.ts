import { createHash } from "node:crypto";
import type { JobQueue, MessageSink, ReceivedMessage } from "../../../../kit/ports/job-queue";

/** Long enough to look at a few hundred messages, short enough that nobody waits for them. */
const LOOK_LEASE_SECONDS = 30;
const MESSAGES_PER_RECEIVE = 10;
/** A receive asks some of SQS's servers only: that many empty ones in a row mean that there is nothing. */
const EMPTY_RECEIVES = 3;

export type Visit = (message: ReceivedMessage) => Promise<"delete" | "keep">;

/**
 * Visits messages of a queue, each once, and deletes those that are done with. SQS has no way to look at a message without receiving it:
 * what is kept is hidden until the visit ends, and its receive count goes up.
 *
 * @param limit most messages visited
 * @param leaseSeconds how long what is kept stays hidden if the visitor dies; a visit that takes longer meets messages again
 */
export async function visitMessages(
  queue: JobQueue,
  limit: number,
  visit: Visit,
  leaseSeconds: number = LOOK_LEASE_SECONDS,
): Promise<number> {
  const kept = new Map<string, ReceivedMessage>();
  let visited = 0;
  try {
    for (let empty = 0; visited < limit && empty < EMPTY_RECEIVES;) {
      const maximumMessages = Math.min(MESSAGES_PER_RECEIVE, limit - visited);
      const received = await queue.receive({ maximumMessages, waitSeconds: 1, leaseSeconds });
      const fresh = received.filter(({ messageId }) => !kept.has(messageId));
      empty = fresh.length === 0 ? empty + 1 : 0;
      for (const message of received) kept.set(message.messageId, message);
      for (const message of fresh) {
        visited += 1;
        if ((await visit(message)) === "keep") continue;
        await queue.delete([message]);
        kept.delete(message.messageId);
      }
    }
  } finally {
    await queue.extend([...kept.values()], 0);
  }
  return visited;
}

/** The messages of a dead-letter queue, up to a limit; they stay where they are. */
export async function listDeadLetters(queue: JobQueue, limit: number): Promise<ReceivedMessage[]> {
  const found: ReceivedMessage[] = [];
  await visitMessages(queue, limit, (message) => {
    found.push(message);
    return Promise.resolve("keep");
  });
  return found;
}

/**
 * Sends messages of a dead-letter queue to where they came from: sent first, deleted then, so that none is lost; one may come twice. What
 * nobody can handle is a dead letter again at once: a body is sent once, so that it doesn't circle for as long as the replay goes on.
 *
 * @param limit most messages looked at
 */
export async function replayDeadLetters(
  { from, to }: { readonly from: JobQueue; readonly to: MessageSink },
  limit: number,
): Promise<Replay> {
  // hashes, for a body may have 1 MiB
  const sent = new Set<string>();
  let repeated = 0;
  await visitMessages(from, limit, async ({ body }) => {
    const hash = createHash("sha256").update(body).digest("base64");
    if (sent.has(hash)) {
      repeated += 1;
      return "keep";
    }
    await to.send([body]);
    sent.add(hash);
    return "delete";
  });
  return { sent: sent.size, repeated };
}

export interface Replay {
  /** Messages sent. */
  readonly sent: number;
  /** Messages that stay, for they are the same as one that was sent: it came back, or was there twice. */
  readonly repeated: number;
}
