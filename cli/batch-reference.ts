import { batchIdSchema } from "../core/contracts/batch";
import type { BatchRecord } from "../core/contracts/ledger-rows";
import type { Ledger } from "../core/ports/ledger";
import { UnknownBatchError } from "../core/generations/errors";
import { UsageError } from "./errors";

/** Stands for the batch that was submitted last. */
export const LATEST_BATCH = "latest";

export const isBatchReference = (text: string): boolean => text === LATEST_BATCH || batchIdSchema.safeParse(text).success;

/** Checks what can be checked before anything is asked. @throws UsageError */
export function checkBatchReference(text: string): void {
  if (isBatchReference(text)) return;
  throw new UsageError(`'${text}' is not a batch's id`, "`npx filemill status` lists the batches; `latest` is the newest");
}

/** The batch of an id, or the newest one. @throws UsageError, UnknownBatchError */
export async function findBatch(ledger: Ledger, text: string): Promise<BatchRecord> {
  checkBatchReference(text);
  if (text !== LATEST_BATCH) {
    const batch = await ledger.getBatch(text);
    if (batch === undefined) throw new UnknownBatchError(text);
    return batch;
  }
  const [newest] = await ledger.listBatches(1);
  if (newest === undefined) throw new UsageError("there is no batch yet", "submit one with `npx filemill submit`");
  return newest;
}
