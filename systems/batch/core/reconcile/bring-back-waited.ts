import { passedChunkSchema, type PassedChunk } from "../../contracts/messages";
import type { LogEvent } from "../../../../kit/lib/log";
import { visitMessages } from "../dead-letters/dead-letters";
import { jsonOf } from "../../../../kit/lib/json-of";
import type { QueueDepth } from "../../../../kit/ports/capacity";
import type { Clock } from "../../../../kit/ports/clock";
import type { JobQueue, MessageSink } from "../../../../kit/ports/job-queue";

export interface WaitedDeps {
  /** Where chunks wait for on-demand capacity. */
  readonly onDemandChunks: JobQueue & QueueDepth;
  /** Where all workers of the fleet take chunks from. */
  readonly chunks: MessageSink;
  readonly clock: Clock;
  readonly log: LogEvent;
}

/**
 * How long a chunk waits for on-demand capacity: five times what a host takes from the orchestrator's next minute to its first message, so
 * that only capacity which is refused takes longer; and no more than a batch can be kept by.
 */
export const WAIT_MILLISECONDS = 15 * 60_000;
/** Clocks of instances differ by far less; a hand-over that lies in the future was dated by a clock that is wrong. */
const CLOCK_TOLERANCE_MILLISECONDS = 60_000;

/**
 * Brings chunks back that waited in vain: on-demand capacity is refused, or has more to do than it can. They are marked, so that whatever
 * capacity receives them works on them; each is sent first and deleted then.
 *
 * @returns how many were brought back
 */
export async function bringBackWaited({ chunks, clock, log, onDemandChunks }: WaitedDeps, limit: number): Promise<number> {
  // a look counts as a receipt of each message, and takes seconds of an empty queue
  const { visible } = await onDemandChunks.read();
  if (visible === 0) return 0;
  let brought = 0;
  await visitMessages(onDemandChunks, limit, async (message) => {
    const { body, messageId } = message;
    const parsed = passedChunkSchema.safeParse(jsonOf(body));
    // one that nobody understands is brought to where somebody says so
    if (!parsed.success) await chunks.send([body]);
    else {
      if (!hasWaited(parsed.data, clock.now())) return "keep";
      const marked: PassedChunk = { ...parsed.data, onAnyCapacity: true };
      await chunks.send([JSON.stringify(marked)]);
      const { batchId, chunk, generation } = parsed.data;
      log("warn", "chunk_waited_in_vain", { batchId, generation, chunkIndex: chunk.index, jobId: messageId });
    }
    brought += 1;
    return "delete";
  });
  return brought;
}

function hasWaited({ handedOverAt }: PassedChunk, now: number): boolean {
  const waited = now - (handedOverAt ?? 0);
  return waited >= WAIT_MILLISECONDS || waited < -CLOCK_TOLERANCE_MILLISECONDS;
}
