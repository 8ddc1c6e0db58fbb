import type { BatchRecord } from "../../contracts/ledger-rows";
import { manifestLineSchema } from "../../contracts/files";
import { manifestKey } from "../../contracts/state-keys";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import type { PlannedGeneration } from "../stored-batch/sealed-files";
import { filenameIn } from "../sources/batch-sources";
import { submittedFiles } from "../stored-batch/submission-list";
import { parseStored } from "../../../../kit/lib/stored-json";
import { textLines } from "../../../../kit/lib/text-lines";
import type { Finding } from "./verification";

/**
 * The manifest against the list that the batch was submitted with: the same files, none more and none less. They have the same sizes in the
 * first generation; a later one takes files up as somebody has mended them.
 */
export async function checkSubmission(
  store: ObjectStore,
  bucket: string,
  batch: BatchRecord,
  generation: PlannedGeneration,
): Promise<Finding> {
  const key = manifestKey(generation, generation.plan);
  const manifest = textLines(readBlocks(store, bucket, key));
  const counts = { files: 0 };
  try {
    for await (const { name, size } of submittedFiles(store, bucket, batch)) {
      const next = await manifest.next();
      if (next.done === true) return { counts, wrong: `'${name}' was submitted and is not in ${key}` };
      const line = parseStored(manifestLineSchema, next.value, `s3://${bucket}/${key}`, "a file of a plan");
      const found = filenameIn(batch.sources, line);
      if (found !== name) return { counts, wrong: `'${name}' was submitted, ${key} has '${found}' in its place` };
      if (generation.generation === 1 && line.size !== size)
        return { counts, wrong: `'${name}' was submitted with ${size} bytes, ${key} has it with ${line.size}` };
      counts.files += 1;
    }
    return (await manifest.next()).done === true ? { counts } : { counts, wrong: `${key} has files that were not submitted` };
  } finally {
    await manifest.return(undefined);
  }
}
