import { sealedLineSchema, type GenerationRecord, type SealedLine } from "../../contracts/ledger-rows";
import { sealedKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { sealNameOf } from "./sealed-name";
import { readJsonLines } from "../../../../kit/lib/read-json-lines";

/** The sealed chunks of a generation, a line each. @throws BatchStateError */
export async function* sealedLines(store: ObjectStore, bucket: string, generation: GenerationRecord): AsyncGenerator<SealedLine> {
  const key = sealedKey(generation, sealNameOf(generation));
  for await (const { value } of readJsonLines(store, bucket, key, sealedLineSchema)) yield value;
}
