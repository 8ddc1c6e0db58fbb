import type { GenerationRef } from "../contracts/batch";
import { CHUNKS_PER_SHARD, type ChunkRow } from "../contracts/ledger-rows";
import type { Ledger } from "../ports/ledger";

/** The rows of a generation's chunks over all shards, in index order; chunks that nobody has claimed have none. */
export async function* everyChunkRow(ledger: Ledger, ref: GenerationRef, chunkCount: number): AsyncGenerator<ChunkRow> {
  for (let shard = 0; shard * CHUNKS_PER_SHARD < chunkCount; shard += 1) yield* ledger.chunkRows(ref, shard);
}
