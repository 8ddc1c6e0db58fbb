import type { WorkloadOptions } from "../contracts/batch";
import { OBJECT_METADATA } from "../contracts/names";
import { uploadRunPrefix } from "../contracts/state-keys";
import { forEachConcurrently } from "../for-each-concurrently";
import type { ObjectStore } from "../ports/object-store";
import { putSourceFile } from "./put-source-file";
import type { SubmitHooks } from "./submit-batch";
import { UPLOAD_CONCURRENCY } from "./submission";
import type { SourceFile } from "./submission";

export interface UploadSubmission {
  /** A ULID; names the run in keys and in the objects' metadata. */
  readonly runId: string;
  readonly files: readonly SourceFile[];
  readonly uploadingBucket: string;
  readonly processingBucket: string;
  readonly options: WorkloadOptions;
}

/**
 * The upload path: puts each file into the uploading bucket and copies it to the processing bucket, whose
 * notification makes it a job. The metadata travels with the copy and tells the worker the options and the run.
 *
 * @throws SourceFileError when a file can't be read, or was changed, since the input was looked at
 */
export async function submitUpload(objects: ObjectStore, submission: UploadSubmission, hooks: SubmitHooks = {}): Promise<void> {
  const metadata = {
    [OBJECT_METADATA.minimumWordLength]: String(submission.options.minimumWordLength),
    [OBJECT_METADATA.top]: String(submission.options.top),
    [OBJECT_METADATA.encoding]: submission.options.encoding,
    [OBJECT_METADATA.run]: submission.runId,
  };
  let done = 0;
  await forEachConcurrently(
    submission.files,
    UPLOAD_CONCURRENCY,
    async (file) => {
      const key = uploadRunPrefix(submission.runId) + file.name;
      await putSourceFile(objects, { bucket: submission.uploadingBucket, key }, file, metadata);
      await objects.copy({ bucket: submission.uploadingBucket, key }, { bucket: submission.processingBucket, key });
      done += 1;
      hooks.onUploaded?.(done);
    },
    hooks.signal,
  );
}
