import { createHash } from "node:crypto";
import { outputPrefix } from "../../contracts/state-keys";
import type { FileResult } from "../../contracts/files";
import type { World } from "./world";

/**
 * What a batch's outputs are once all is said (invariant 14): each is there, once, with the bytes that were committed, and there is no
 * other one.
 *
 * @param results of the batch's last generation
 */
export function checkOutputs(
  { facts, names, store }: Pick<World, "facts" | "names" | "store">,
  batchId: string,
  results: Iterable<FileResult>,
): void {
  const prefix = outputPrefix(batchId);
  const unnamed = new Set(store.keys(names.state).filter((key) => key.startsWith(prefix)));
  for (const { filename, outputs, status } of results) {
    if (status !== "processed" && outputs.length > 0) facts.violate(14, `'${filename}' of ${batchId} is ${status} and has outputs`);
    for (const { bytes, key, name, sha256 } of outputs) {
      if (!unnamed.delete(key)) {
        facts.violate(14, `output '${name}' of '${filename}' of ${batchId} is not at ${key}, or named twice`);
        continue;
      }
      const stored = store.bytes(names.state, key);
      if (stored.length !== bytes || createHash("sha256").update(stored).digest("hex") !== sha256)
        facts.violate(14, `output '${name}' of '${filename}' of ${batchId} has other bytes than those committed`);
    }
  }
  for (const key of unnamed) facts.violate(14, `${key} is an output that nothing names`);
}
