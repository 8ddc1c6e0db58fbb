import type { GenerationRef } from "../../systems/batch/contracts/batch";
import { generationPrefix } from "../../systems/batch/contracts/state-keys";
import type { MemoryObjectStore } from "../../kit/simulator/memory/memory-object-store";

/** Key of what was sealed of a generation, of which one seal only has written something. */
export function onlySealedKey(store: MemoryObjectStore, bucket: string, ref: GenerationRef): string {
  const keys = store.keys(bucket).filter((key) => key.startsWith(`${generationPrefix(ref)}sealed-`));
  const [key, ...others] = keys;
  if (key === undefined || others.length > 0) throw new Error(`sealed ${keys.length} times: ${keys.join(", ")}`);
  return key;
}
