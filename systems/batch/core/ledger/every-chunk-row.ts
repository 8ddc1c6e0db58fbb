import type { GenerationRef } from "../../contracts/batch";
import { CHUNK_SHARDS, type ChunkRow } from "../../contracts/ledger-rows";
import type { Ledger } from "../../ports/ledger";

/**
 * The rows of a generation's chunks over all shards, in index order; chunks that nobody has claimed have none. A page of each shard is
 * in memory at a time, 16 MB at most.
 */
export async function* everyChunkRow(ledger: Pick<Ledger, "chunkRows">, ref: GenerationRef, chunkCount: number): AsyncGenerator<ChunkRow> {
  const shards = Array.from({ length: Math.min(CHUNK_SHARDS, chunkCount) }, (_, shard) =>
    ledger.chunkRows(ref, shard)[Symbol.asyncIterator](),
  );
  try {
    const heads = await Promise.all(shards.map((shard) => shard.next()));
    for (;;) {
      let first: { readonly shard: number; readonly row: ChunkRow } | undefined;
      for (const [shard, head] of heads.entries()) {
        if (head.done !== true && (first === undefined || head.value.index < first.row.index)) first = { shard, row: head.value };
      }
      if (first === undefined) return;
      yield first.row;
      heads[first.shard] = (await shards[first.shard]?.next()) ?? { done: true, value: undefined };
    }
  } finally {
    for (const shard of shards) await shard.return?.();
  }
}
