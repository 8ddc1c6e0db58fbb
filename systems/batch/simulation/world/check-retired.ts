import { z } from "zod";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import type { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import type { Facts } from "./facts";
import type { Instance } from "./instance";
import { generationOf, type LedgerHistory } from "./ledger-watch";
import { idOf } from "./facts";

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** The group ends an instance because its worker asked for it: nothing may be under way there (invariant 6). */
export function checkRetired(
  { id, workerStartedAt }: Instance,
  world: { readonly rows: MemoryRowStore; readonly facts: Facts; readonly history: LedgerHistory; readonly now: number },
): void {
  const { facts, history, now, rows } = world;
  if (facts.couldNotRelease.has(id)) return;
  for (const row of rows.all()) {
    const key = keySchema.parse(row);
    const ref = generationOf(key);
    if (ref === undefined || !key.sk.startsWith("CHUNK#")) continue;
    const { claim, holder, index, released, state } = readChunkRow(row);
    if (state !== "open" || holder?.worker !== id || released?.claim === claim || holder.leaseUntil <= now) continue;
    const chunk = `${idOf(ref)}/${index}`;
    const claimed = history.claimOf(chunk, claim);
    if (claimed !== undefined && claimed.at >= workerStartedAt)
      facts.violate(6, `${id} retired while it held claim ${claim} of chunk ${chunk}`);
  }
}
