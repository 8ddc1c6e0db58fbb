import { chunkJobSchema } from "../../contracts/messages";
import { MAXIMUM_REDRIVES } from "../../core/dead-letters/handle-dead-chunk";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import { chunkKey } from "../../core/ledger/row-keys";
import type { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";

/** Messages in the chunks' dead-letter queue that the consumer still has to do with; a finished chunk that came too often is left. */
export function waitingDeadChunks(rows: MemoryRowStore, bodies: readonly string[]): number {
  return bodies.filter((body) => {
    const job = chunkJobSchema.safeParse(JSON.parse(body));
    if (!job.success) return false;
    const { pk, sk } = chunkKey(job.data, job.data.chunk.index);
    const stored = [...rows.all()].find((row) => row["pk"] === pk && row["sk"] === sk);
    const row = stored === undefined ? undefined : readChunkRow(stored);
    return row?.state !== "finished" || row.redrives < MAXIMUM_REDRIVES;
  }).length;
}
