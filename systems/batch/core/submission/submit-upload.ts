import { WORD_COUNT_METADATA } from "../../../../workloads/word-count/workload";
import type { WordCountOptions } from "../../../../workloads/word-count/options";
import { OBJECT_METADATA } from "../../contracts/names";
import { uploadRunPrefix } from "../../contracts/state-keys";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { ObjectPlace } from "../../../../kit/ports/object-identity";
import { copySourceObject } from "./copy-source-object";
import { forEachOpened } from "./opened-files";
import { putSourceFile } from "./put-source-file";
import type { SubmitHooks } from "./submit-batch";
import { UPLOAD_CONCURRENCY, type UploadSource } from "./submission";

export interface UploadSubmission {
  /** A ULID; names the run in keys and in the objects' metadata. */
  readonly runId: string;
  readonly source: UploadSource;
  readonly uploadingBucket: string;
  readonly processingBucket: string;
  readonly options: WordCountOptions;
}

/**
 * The upload path: puts each file into the uploading bucket, or copies each object there, and copies it from there to the processing
 * bucket, whose notification makes it a job. The metadata travels with the copy and tells the worker the options and the run.
 *
 * @throws SourceFileError when a file can't be read, SourceObjectError when an object can't be copied, or either was changed, since the
 *   input was looked at
 */
export async function submitUpload(objects: ObjectStore, submission: UploadSubmission, hooks: SubmitHooks = {}): Promise<void> {
  const { processingBucket, runId, source, uploadingBucket } = submission;
  const metadata = metadataOf(submission);
  const { signal } = hooks;
  let done = 0;
  const send = async (name: string, bring: (to: ObjectPlace) => Promise<void>): Promise<void> => {
    const key = uploadRunPrefix(runId) + name;
    await bring({ bucket: uploadingBucket, key });
    await objects.copy({ bucket: uploadingBucket, key }, { bucket: processingBucket, key }, signal === undefined ? {} : { signal });
    done += 1;
    hooks.onUploaded?.(done);
  };
  if (source.kind === "files") {
    await forEachOpened(source.files, (opened) => send(opened.file.name, (to) => putSourceFile(objects, to, opened, metadata)), signal);
    return;
  }
  await forEachConcurrently(
    source.objects,
    UPLOAD_CONCURRENCY,
    ({ name, object }) => send(name, (to) => copySourceObject(objects, object, to, metadata, signal)),
    signal,
  );
}

const metadataOf = ({ options, runId }: UploadSubmission): Readonly<Record<string, string>> => ({
  [WORD_COUNT_METADATA.minimumWordLength]: String(options.minimumWordLength),
  [WORD_COUNT_METADATA.top]: String(options.top),
  [WORD_COUNT_METADATA.encoding]: options.encoding,
  [OBJECT_METADATA.run]: runId,
});
