import { outputKey, stagedOutputKey } from "../../contracts/state-keys";
import type { GenerationRef } from "../../contracts/batch";
import type { LocalOutput } from "../../../../workloads/workload";

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAXIMUM_KEY_BYTES = 1_024;

/** @returns what is wrong with the keys that a file's outputs would have, or nothing */
export function keyProblem(
  ref: GenerationRef,
  place: Parameters<typeof stagedOutputKey>[1] & { readonly filename: string },
  outputs: readonly LocalOutput[],
): string | undefined {
  for (const { name } of outputs) {
    for (const key of [outputKey(ref.batchId, place.filename, name), stagedOutputKey(ref, place, name)]) {
      const bytes = Buffer.byteLength(key);
      if (bytes > MAXIMUM_KEY_BYTES)
        return `its output '${name}' would have a key of ${bytes} bytes; S3 takes ${MAXIMUM_KEY_BYTES}: give shorter names`;
    }
  }
  return undefined;
}
