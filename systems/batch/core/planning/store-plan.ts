import type { GenerationRef } from "../../contracts/batch";
import { chunksKey, manifestKey, splitsKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { WrittenPlan } from "./write-plan";

/**
 * Puts a plan's files under their own name, before the ledger hears of the plan: whatever plan it then stores, that plan's files are
 * there, and no other run writes to them but with the same bytes.
 */
export async function storePlan(store: ObjectStore, stateBucket: string, ref: GenerationRef, plan: WrittenPlan): Promise<void> {
  await Promise.all([
    store.putFile(stateBucket, manifestKey(ref, plan), plan.manifestPath),
    store.putFile(stateBucket, splitsKey(ref, plan), plan.splitsPath),
    store.putFile(stateBucket, chunksKey(ref, plan), plan.chunksPath),
  ]);
}
