import type { GenerationRef } from "../../contracts/batch";
import { executionName } from "../../contracts/state-keys";
import { cancelBatch } from "../finish/cancel-batch";
import type { FinishDeps } from "../finish/finish-generation";
import type { Ledger } from "../../ports/ledger";
import { watchBatch, type WatchBatchPorts } from "../results/watch-batch";

/** Batches looked at, newest first; older ones are found by the place that they have. */
const NEWEST_BATCHES = 1_000;

/** The newest generations that were not reported. */
export async function openGenerations(ledger: Ledger): Promise<GenerationRef[]> {
  const newest = (await ledger.listBatches(NEWEST_BATCHES)).map(({ batchId, latestGeneration: generation }) => ({ batchId, generation }));
  const refs = new Map([...newest, ...(await ledger.takenPlaces())].map((ref) => [executionName(ref), ref]));
  const open = await Promise.all([...refs.values()].map(async (ref) => ({ ref, generation: await ledger.getGeneration(ref) })));
  return open.flatMap(({ ref, generation }) => (generation === undefined || generation.completionSentAt !== undefined ? [] : [ref]));
}

/**
 * Cancels batches and waits until each is reported: AWS keeps a state machine until its executions have ended, and what is sealed is
 * written into a bucket.
 *
 * @throws as `cancelBatch` and `watchBatch`
 */
export async function endBatches(
  ports: FinishDeps & WatchBatchPorts,
  refs: readonly GenerationRef[],
  { onEnded, signal }: { readonly onEnded: (ended: number) => void; readonly signal: AbortSignal },
): Promise<void> {
  for (const { batchId } of refs) await cancelBatch(ports, batchId);
  for (const [index, ref] of refs.entries()) {
    await watchBatch(ports, ref, { signal });
    onEnded(index + 1);
  }
}
