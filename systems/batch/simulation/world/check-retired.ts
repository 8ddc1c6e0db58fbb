import { z } from "zod";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import type { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import type { Facts } from "./facts";
import type { Instance } from "./instance";
import { generationOf, type LedgerHistory } from "./ledger-watch";
import { idOf } from "./facts";

const keySchema = z.object({ pk: z.string(), sk: z.string() });

/** What tells of claims. */
export interface ClaimsWorld {
  readonly rows: MemoryRowStore;
  readonly facts: Facts;
  readonly history: LedgerHistory;
  readonly now: number;
}

/** The group ends an instance because its worker asked for it: nothing may be under way there (invariant 6). */
export function checkRetired(instance: Instance, world: ClaimsWorld): void {
  for (const claim of claimsOf(instance, world)) world.facts.violate(6, `${instance.id} retired while it held ${claim}`);
}

/** Claims of an instance's worker that hold on, in words. */
export function claimsOf({ id, workerStartedAt }: Instance, { facts, history, now, rows }: ClaimsWorld): string[] {
  if (facts.couldNotRelease.has(id)) return [];
  return [...rows.all()].flatMap((row) => {
    const key = keySchema.parse(row);
    const ref = generationOf(key);
    if (ref === undefined || !key.sk.startsWith("CHUNK#")) return [];
    const { claim, holder, index, released, state } = readChunkRow(row);
    if (state !== "open" || holder?.worker !== id || released?.claim === claim || holder.leaseUntil <= now) return [];
    const chunk = `${idOf(ref)}/${index}`;
    const claimed = history.claimOf(chunk, claim);
    return claimed !== undefined && claimed.at >= workerStartedAt ? [`claim ${claim} of chunk ${chunk}`] : [];
  });
}
