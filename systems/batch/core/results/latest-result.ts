import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { BatchStateError } from "../stored-batch/errors";
import type { Ledger } from "../../ports/ledger";

/**
 * The newest generation of a batch whose result is written: the latest one, or while that is at work the one it supersedes.
 *
 * @returns undefined when none is reported yet
 * @throws BatchStateError when the ledger lacks a generation
 */
export async function latestReported(ledger: Ledger, batch: BatchRecord): Promise<GenerationRecord | undefined> {
  for (let generation = batch.latestGeneration; generation >= 1; generation -= 1) {
    const ref = { batchId: batch.batchId, generation };
    const record = await ledger.getGeneration(ref);
    if (record === undefined) throw new BatchStateError(`the ledger has no generation ${generation} of batch ${batch.batchId}`);
    // the completion message is put together after the result it tells of
    if (record.completion !== undefined) return record;
  }
  return undefined;
}
