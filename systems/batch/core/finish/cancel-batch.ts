import type { GenerationRef } from "../../contracts/batch";
import type { BatchResult } from "../../contracts/files";
import type { CloseCause } from "../../contracts/ledger-rows";
import { UnknownBatchError } from "../stored-batch/errors";
import { statusOf } from "../stored-batch/batch-status";
import { finishGeneration, type FinishDeps } from "./finish-generation";

export interface Cancellation {
  readonly ref: GenerationRef;
  /** `already-ended`: nothing was left to cancel. */
  readonly outcome: "cancelled" | "already-ended";
  /** What the generation ends as. */
  readonly status: BatchResult["status"];
}

const DETAIL = "cancelled by the user; what was finished stays, `filemill resume` takes up the rest";

/**
 * Cancels a batch: closes its latest generation, stops its execution and starts the end of it, which reports `batch-cancelled` once. What
 * is committed stays. Asked again it changes nothing.
 *
 * @throws UnknownBatchError
 */
export async function cancelBatch(deps: FinishDeps, batchId: string): Promise<Cancellation> {
  const batch = await deps.ledger.getBatch(batchId);
  const ref = { batchId, generation: batch?.latestGeneration ?? 1 };
  const generation = batch === undefined ? undefined : await deps.ledger.getGeneration(ref);
  if (generation === undefined) throw new UnknownBatchError(batchId);
  if (generation.status === "sealed") return { ref, outcome: "already-ended", status: statusOf(generation) };
  await finishGeneration(deps, ref, { cause: "cancelled", detail: DETAIL });
  const { closeCause = "cancelled" } = (await deps.ledger.getGeneration(ref)) ?? generation;
  return { ref, outcome: closeCause === "cancelled" ? "cancelled" : "already-ended", status: endOf(closeCause) };
}

/** Closed as `complete` all chunks were through, and the count of the files, which isn't made yet, has hardly another verdict. */
const endOf = (cause: CloseCause): BatchResult["status"] => (cause === "complete" ? "completed" : cause);
