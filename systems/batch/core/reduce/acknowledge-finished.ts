import { acknowledgeCommitted } from "../chunk-work/acknowledge-chunk";
import type { ChunkDeps } from "../chunk-work/chunk-deps";
import { readSplits } from "../chunk-work/read-splits";
import { chunkLineSchema, type GenerationRef } from "../../contracts/batch";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { chunksKey } from "../../contracts/state-keys";
import { everyChunkRow } from "../ledger/every-chunk-row";
import type { Ledger } from "../../ports/ledger";
import { present } from "../../../../kit/lib/present";
import { readJsonLines } from "../../../../kit/lib/read-json-lines";

export type AcknowledgeFinishedDeps = Pick<ChunkDeps, "acknowledge" | "store" | "stateBucket"> & { readonly ledger: Ledger };

/**
 * Sends the acknowledgements of finished chunks of the Lambda route of which nobody noted that they were sent: the attempt that finished
 * the chunk died before it could, and none came after it, for it was the last one or the workflow was stopped. A chunk of the fleet has a
 * message that stays until its files are acknowledged. Sent twice they have the same ids and the same content.
 */
export async function acknowledgeFinished(deps: AcknowledgeFinishedDeps, batch: BatchRecord, generation: GenerationRecord): Promise<void> {
  const { batchId, plan } = generation;
  // what is sent names the generation, and holds nothing else of its record
  const ref: GenerationRef = { batchId, generation: generation.generation };
  if (plan?.route !== "lambda") return;
  const indexes = await unacknowledged(deps.ledger, generation, plan.chunkCount);
  if (indexes.size === 0) return;
  for await (const { value: chunk } of readJsonLines(deps.store, deps.stateBucket, chunksKey(generation, plan), chunkLineSchema)) {
    if (!indexes.has(chunk.index)) continue;
    const row = present(await deps.ledger.getChunk(generation, chunk.index), "the row of a finished chunk");
    const splits = await readSplits(deps.store, deps.stateBucket, generation, chunk);
    await acknowledgeCommitted(deps, ref, { batch, plan }, row, splits);
  }
}

/** Numbers only: a row may have 100 KB. */
async function unacknowledged(ledger: Ledger, generation: GenerationRecord, chunkCount: number): Promise<ReadonlySet<number>> {
  const indexes = new Set<number>();
  for await (const { acknowledged, index, state } of everyChunkRow(ledger, generation, chunkCount)) {
    if (state === "finished" && acknowledged !== true) indexes.add(index);
  }
  return indexes;
}
