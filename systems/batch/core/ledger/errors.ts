import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";

/** A generation was asked for, or is named by a chunk job, that nobody opened. */
export class UnknownGenerationError extends Error {
  public override readonly name = "UnknownGenerationError";
  public constructor({ batchId, generation }: GenerationRef) {
    super(
      `the ledger has no generation ${generation} of batch ${batchId}; submit the batch first; a message that names it comes from elsewhere, or the rows expired`,
    );
  }
}

/** A completion message was to be stored of a generation whose files' states are not settled. */
export class GenerationNotSealedError extends Error {
  public override readonly name = "GenerationNotSealedError";
  public constructor({ batchId, generation, status }: GenerationRecord) {
    super(`generation ${generation} of batch ${batchId} is ${status}, so it has no completion yet; seal it first`);
  }
}

/** Two request ids came with one batch id. */
export class BatchIdTakenError extends Error {
  public override readonly name = "BatchIdTakenError";
  public constructor(batchId: string, requestId: string) {
    super(`batch id ${batchId} belongs to another request than '${requestId}'; submit with a new batch id`);
  }
}
