import type { GenerationRef } from "../../contracts/batch";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import type { Ledger } from "../../ports/ledger";
import { BatchStateError } from "./errors";

/** The records of a batch's generations from the first to the given one. @throws BatchStateError when the ledger lacks one */
export async function generationsUpTo(ledger: Ledger, { batchId, generation: last }: GenerationRef): Promise<GenerationRecord[]> {
  const records: GenerationRecord[] = [];
  for (let generation = 1; generation <= last; generation += 1) {
    const record = await ledger.getGeneration({ batchId, generation });
    if (record === undefined) throw new BatchStateError(`the ledger has no generation ${generation} of batch ${batchId}`);
    records.push(record);
  }
  return records;
}
