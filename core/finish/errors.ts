/** A command names a batch that the ledger doesn't know. */
export class UnknownBatchError extends Error {
  public override readonly name = "UnknownBatchError";
  public readonly fix = "see `filemill status` for the batches there are";
  public constructor(batchId: string) {
    super(`the ledger has no batch ${batchId}`);
  }
}
