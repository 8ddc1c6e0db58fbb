import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { latestReported } from "../../core/results/latest-result";
import { findBatch } from "../batch-reference";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Services } from "../services";

/** A batch, and a generation of it whose result is there. */
export interface ReportedResult {
  readonly batch: BatchRecord;
  readonly generation: GenerationRecord;
}

/**
 * The generation whose result is asked for.
 *
 * @param given a batch's id, or `latest`
 * @param number @default the newest
 * @throws UsageError while it has no result; what `findBatch` throws
 */
export async function findReported({ ledger }: Pick<Services, "ledger">, given: string, number?: number): Promise<ReportedResult> {
  const batch = await findBatch(ledger, given);
  const chosen = chosenGeneration(batch, number);
  const generation = await ledger.getGeneration({ batchId: batch.batchId, generation: chosen });
  if (generation?.completionSentAt === undefined) throw noResultYet(batch, chosen);
  return { batch, generation };
}

/** The newest generation that has a result: quarantine is told of it. @throws UsageError while there is none */
export async function reportedGeneration({ ledger }: Pick<Services, "ledger">, batch: BatchRecord): Promise<GenerationRecord> {
  const generation = await latestReported(ledger, batch);
  if (generation !== undefined) return generation;
  throw new UsageError(
    `batch ${batch.batchId} has no result yet, so nothing of it is in quarantine for good`,
    `\`npx filemill status ${batch.batchId}\` shows how far it is`,
  );
}

/** @throws UsageError */
export function chosenGeneration(batch: BatchRecord, given: number | undefined): number {
  if (given === undefined || given <= batch.latestGeneration) return given ?? batch.latestGeneration;
  throw new UsageError(
    `batch ${batch.batchId} has no generation ${given}; its newest is ${batch.latestGeneration}`,
    "leave out --generation, or give one it has",
  );
}

function noResultYet({ batchId }: BatchRecord, generation: number): UsageError {
  const status = `\`npx filemill status ${batchId}\` shows how far it is`;
  if (generation === 1) return new UsageError(`batch ${batchId} has no result yet`, status);
  return new UsageError(
    `generation ${generation} of batch ${batchId} has no result yet`,
    `${status}; --generation ${generation - 1} has the result it supersedes`,
  );
}
