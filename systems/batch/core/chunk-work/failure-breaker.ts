import type { GenerationRef } from "../../contracts/batch";
import { quarantinedIn, tooManyFailures } from "../failures/failure-limit";
import { isPlanned } from "../stored-batch/sealed-files";
import { termsOf } from "../../contracts/batch-terms";
import type { ChunkDeps } from "./chunk-deps";

/**
 * Up to so many chunks a slot looks itself, after a commit with quarantined files: a small batch may be over before the reconcile comes,
 * and its rows are a megabyte at most. A larger one waits for the reconcile, a minute at most.
 */
const MAXIMUM_CHUNKS = 1_000;

/** Closes a generation whose batch has more quarantined files than it may have. @param committed letters of the commit just made */
export async function stopOnFailures(deps: ChunkDeps, ref: GenerationRef, committed: string): Promise<void> {
  if (quarantinedIn(committed) === 0) return;
  const { batch, generation } = await deps.watch.get(ref);
  const { failureLimit } = termsOf(batch, ref);
  if (failureLimit === undefined || !isPlanned(generation) || generation.plan.chunkCount > MAXIMUM_CHUNKS) return;
  const detail = await tooManyFailures(deps, generation, failureLimit);
  if (detail === undefined) return;
  await deps.ledger.closeGeneration(ref, "failed", detail);
  deps.log("error", "generation_closed", { ...ref, cause: "failed", detail });
}
