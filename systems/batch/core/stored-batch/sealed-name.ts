import type { GenerationRecord } from "../../contracts/ledger-rows";
import type { SealName } from "../../contracts/state-keys";
import { BatchStateError } from "./errors";

/** The name of what a sealed generation's META says was sealed. @throws BatchStateError when it says nothing */
export function sealNameOf({ batchId, generation, sealedSha256 }: GenerationRecord): SealName {
  if (sealedSha256 !== undefined) return { sealedSha256 };
  throw new BatchStateError(`META of generation ${generation} of batch ${batchId} does not say what was sealed`);
}
