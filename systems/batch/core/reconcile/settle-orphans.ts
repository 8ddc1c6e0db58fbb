import { chunkJobSchema } from "../../contracts/messages";
import type { LogEvent } from "../../../../kit/lib/log";
import { visitMessages } from "../dead-letters/dead-letters";
import { jsonOf } from "../../../../kit/lib/json-of";
import type { JobQueue, MessageSink } from "../../../../kit/ports/job-queue";
import type { Ledger } from "../../ports/ledger";
import type { TaskCallback } from "../../../../kit/ports/task-callback";

export interface OrphanDeps {
  readonly ledger: Ledger;
  readonly callback: TaskCallback;
  /** Those that workers take chunks from. */
  readonly queues: readonly JobQueue[];
  readonly chunkDeadLetters: MessageSink;
  readonly log: LogEvent;
}

/**
 * Drains chunk messages whose generation is closed, as a slot would, while no generation is open: leftovers of a dead execution need no
 * fleet. A chunk that is through is left to a slot, which acknowledges its files before it ends the task.
 *
 * @param limit of messages looked at in each queue
 * @returns how many messages were settled
 */
export async function settleOrphans(deps: OrphanDeps, limit: number): Promise<number> {
  for (const ref of await deps.ledger.takenPlaces()) if ((await deps.ledger.getGeneration(ref))?.status === "open") return 0;
  let settled = 0;
  for (const queue of deps.queues) {
    await visitMessages(queue, limit, async ({ body, messageId }) => {
      if (!(await settle(deps, body, messageId))) return "keep";
      settled += 1;
      return "delete";
    });
  }
  return settled;
}

async function settle({ callback, chunkDeadLetters, ledger, log }: OrphanDeps, body: string, messageId: string): Promise<boolean> {
  const job = chunkJobSchema.safeParse(jsonOf(body));
  const ref = job.success ? { batchId: job.data.batchId, generation: job.data.generation } : undefined;
  const generation = ref === undefined ? undefined : await ledger.getGeneration(ref);
  if (generation?.status === "open") return false;
  // a row for a chunk that no plan has would only be in the way
  if (!job.success || ref === undefined || job.data.chunk.index >= (generation?.plan?.chunkCount ?? 0)) {
    await chunkDeadLetters.send([body]);
    log("error", "message_unreadable", { jobId: messageId, problem: "no chunk of a known generation's plan" });
    return true;
  }
  const row = await ledger.closeChunk(ref, job.data.chunk.index);
  if (row.state === "finished") return false;
  const result = await callback.succeed(job.data.token, { outcome: "closed" });
  if (result === "invalid-token") await chunkDeadLetters.send([body]);
  log("info", "orphan_settled", { ...ref, chunkIndex: row.index });
  return true;
}
