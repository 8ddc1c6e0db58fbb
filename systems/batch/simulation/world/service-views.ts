import type { GenerationRef } from "../../contracts/batch";
import { generationRecordSchema, type PlanSummary } from "../../contracts/ledger-rows";
import { chunksKey, manifestKey, splitsKey } from "../../contracts/state-keys";
import { readChunkRow } from "../../core/ledger/stored-chunk";
import { chunkKey, generationKey } from "../../core/ledger/row-keys";
import type { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";
import type { MemoryRowStore } from "../../../../kit/simulator/memory/memory-row-store";
import { idOf, type ServiceViews } from "./facts";
import { PlanIndex } from "./plan-index";

/** The services' own state, read past every fault. */
export function serviceViews(rows: MemoryRowStore, store: MemoryObjectStore, stateBucket: string): ServiceViews {
  const plans = new Map<string, PlanIndex>();
  const views: ServiceViews = {
    chunkRow: async (ref, index) => {
      const row = await rows.get(chunkKey(ref, index));
      return row === undefined ? undefined : readChunkRow(row);
    },
    generation: async (ref) => {
      const row = await rows.get(generationKey(ref));
      return row === undefined ? undefined : generationRecordSchema.parse(row);
    },
    plan: async (ref) => {
      const known = plans.get(idOf(ref));
      if (known !== undefined) return known;
      const generation = await views.generation(ref);
      if (generation?.plan === undefined) return undefined;
      const plan = readPlan({ store, stateBucket }, ref, generation.plan);
      plans.set(idOf(ref), plan);
      return plan;
    },
  };
  return views;
}

function readPlan(
  { stateBucket, store }: { readonly store: MemoryObjectStore; readonly stateBucket: string },
  ref: GenerationRef,
  plan: PlanSummary,
): PlanIndex {
  const bytes = (key: string): Buffer => store.bytes(stateBucket, key);
  return PlanIndex.parse(ref, {
    manifest: bytes(manifestKey(ref, plan)),
    splits: bytes(splitsKey(ref, plan)),
    chunks: bytes(chunksKey(ref, plan)),
  });
}
