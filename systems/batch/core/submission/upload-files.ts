import type { BatchRecord } from "../../contracts/ledger-rows";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { keyPrefixOf } from "../sources/batch-sources";
import { arrivals } from "../stored-batch/arrivals";
import { forEachOpened } from "./opened-files";
import { putSourceFile } from "./put-source-file";
import type { HashedFile, SubmissionSource } from "./submission";

/**
 * Puts the files of a submission that are not there yet. What is there under the batch's prefix with the size of the list was put by an
 * earlier run of the same submission, which checked its content.
 *
 * @throws LocalFileChangedError when a file is no longer what was listed, SourceFileError when it can't be read
 */
export async function uploadFiles(
  objects: ObjectStore,
  batch: BatchRecord,
  { files, stateBucket }: Extract<SubmissionSource, { kind: "files" }>,
  hooks: { readonly created: boolean; readonly onUploaded?: (files: number) => void; readonly signal?: AbortSignal },
): Promise<void> {
  const [target] = batch.sources;
  if (target === undefined) throw new Error(`batch ${batch.batchId} has no place for its files`);
  const missing = hooks.created ? files : await missingOf(objects, stateBucket, batch, files);
  let done = files.length - missing.length;
  if (done > 0) hooks.onUploaded?.(done);
  await forEachOpened(
    missing,
    async (opened) => {
      await putSourceFile(objects, { bucket: target.bucket, key: keyPrefixOf(target) + opened.file.name }, opened);
      done += 1;
      hooks.onUploaded?.(done);
    },
    hooks.signal,
  );
}

/** The stored list is the submission's own, so both are in the same order. */
async function missingOf(
  objects: ObjectStore,
  stateBucket: string,
  batch: BatchRecord,
  files: readonly HashedFile[],
): Promise<readonly HashedFile[]> {
  const missing: HashedFile[] = [];
  let position = 0;
  for await (const { object } of arrivals(objects, stateBucket, batch)) {
    const file = files[position];
    if (object === undefined && file !== undefined) missing.push(file);
    position += 1;
  }
  return missing;
}
