import { deadChunkSchema } from "../../contracts/messages";
import type { LogEvent } from "../../../../kit/lib/log";
import type { MessageSink } from "../../../../kit/ports/job-queue";
import type { Ledger } from "../../ports/ledger";
import type { TaskCallback } from "../../../../kit/ports/task-callback";
import { jsonOf } from "../../../../kit/lib/json-of";

export interface DeadChunkDeps {
  readonly ledger: Ledger;
  readonly callback: TaskCallback;
  /** The queue that workers take chunks from. */
  readonly chunks: MessageSink;
  readonly log: LogEvent;
}

/**
 * How often a chunk comes back from the dead-letter queue: each time it has been received 100 times, or a slot could make nothing of it.
 */
export const MAXIMUM_REDRIVES = 3;

/** `left`: nobody understands it, or slots sent it back too often; it stays for `filemill dlq`. */
export type DeadChunkOutcome = "sent-back" | "task-ended" | "left";

/**
 * Decides about a message in the chunks' dead-letter queue, by the ledger: a closed chunk ends its task, as a slot would; any other is
 * sent back, `MAXIMUM_REDRIVES` times at most. Above that an open chunk is closed and its task fails; one that is through is left, for
 * only a slot may end its task: it acknowledges the files before. The caller deletes the message afterwards, unless it is left, so that
 * repeating it does no harm.
 */
export async function handleDeadChunk(deps: DeadChunkDeps, body: string): Promise<DeadChunkOutcome> {
  const job = deadChunkSchema.safeParse(jsonOf(body));
  // a message that doesn't fit its plan says nothing of the chunk that it names
  if (!job.success || job.data.problem !== undefined) return "left";
  const { batchId, chunk, generation, token } = job.data;
  const ref = { batchId, generation };
  const fields = { ...ref, chunkIndex: chunk.index };
  const meta = await deps.ledger.getGeneration(ref);
  // a row for a chunk that no plan has would only be in the way
  if (meta?.plan === undefined || chunk.index >= meta.plan.chunkCount) return "left";
  const row = meta.status === "open" ? await deps.ledger.getChunk(ref, chunk.index) : await deps.ledger.closeChunk(ref, chunk.index);
  if (row?.state === "closed") {
    const result = await deps.callback.succeed(token, { outcome: "closed" });
    deps.log("info", "dead_chunk_ended", fields);
    return result === "delivered" ? "task-ended" : "left";
  }
  // nobody but a slot may end its task (invariant 4), and slots sent it here again and again: a token or a hash is wrong
  if (row?.state === "finished" && row.redrives >= MAXIMUM_REDRIVES) return "left";
  const { redrives } = await deps.ledger.countRedrive(ref, chunk.index);
  if (row?.state === "finished" || redrives <= MAXIMUM_REDRIVES) {
    await deps.chunks.send([body]);
    deps.log("warn", "dead_chunk_sent_back", { ...fields, redrives });
    return "sent-back";
  }
  await deps.ledger.closeChunk(ref, chunk.index);
  const why = `chunk ${chunk.index} came to the dead-letter queue ${redrives} times; see its row in the ledger and the workers' logs`;
  const result = await deps.callback.fail(token, "ChunkGivenUp", why);
  deps.log("error", "dead_chunk_given_up", { ...fields, redrives });
  return result === "delivered" ? "task-ended" : "left";
}
