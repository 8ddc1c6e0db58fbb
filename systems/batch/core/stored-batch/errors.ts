/** What lies in `batch-state` contradicts itself or the ledger: an object was changed or lost, or there is a fault in our own code. */
export class BatchStateError extends Error {
  public override readonly name = "BatchStateError";
  public readonly fix =
    "run `filemill verify` on the batch; if objects below batches/ were changed or removed, submit the files as a new batch";
}

/** The ledger knows no such batch. */
export class UnknownBatchError extends Error {
  public override readonly name = "UnknownBatchError";
  public readonly fix = "`filemill status` lists the batches that are known; look whether it is the right environment";
  public constructor(public readonly batchId: string) {
    super(`no such batch: ${batchId}`);
  }
}
