import type { WorkloadOptions } from "../../core/contracts/batch";
import { uploadRunPrefix } from "../../core/contracts/state-keys";
import { batchDocument } from "../../core/results/batch-document";
import { collectUpload } from "../../core/results/collect-upload";
import { tableFilename, watchUpload } from "../../core/results/watch-upload";
import { submitUpload } from "../../core/submission/submit-upload";
import type { SourceFile } from "../../core/submission/submission";
import { byteSize, plural } from "../render/numbers";
import type { Reporter } from "../render/reporter";
import type { CommandContext } from "../context";
import type { Services } from "../services";
import { withCommandFolder } from "../temporary-folder";
import { readStart } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

/** What merging the counts of a run may take; more goes to disk. */
const MERGE_MEMORY_BYTES = 64 * 1_048_576;

export interface UploadRun {
  readonly runId: string;
  readonly names: readonly string[];
  /** By the clock's monotonic time. */
  readonly startedAt: number;
}

/** Puts the files on the upload path. */
export async function startUpload(
  services: Services,
  files: readonly SourceFile[],
  options: WorkloadOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<UploadRun> {
  const { objects, outputs, clock } = services;
  const run = { runId: services.newId(), names: files.map(({ name }) => name), startedAt: clock.monotonic() };
  const bytes = files.reduce((sum, file) => sum + file.size, 0);
  reporter.say(`uploading and copying ${plural(files.length, "file")}, ${byteSize(bytes)}`);
  await submitUpload(
    objects,
    { runId: run.runId, files, uploadingBucket: outputs.uploading_bucket, processingBucket: outputs.processing_bucket, options },
    {
      onUploaded: (done) => {
        reporter.advance("uploaded", done, files.length, "files");
      },
      signal,
    },
  );
  reporter.finish();
  return run;
}

/** Waits until the workers settled every file and merges what they counted. */
export async function finishUpload(
  services: Services,
  run: UploadRun,
  options: WorkloadOptions,
  context: Pick<CommandContext, "environment" | "reporter" | "signal">,
): Promise<FinishedRun> {
  const { reporter, signal } = context;
  const bucket = services.outputs.processing_bucket;
  const keyOf = (name: string): string => uploadRunPrefix(run.runId) + name;
  const filenameOf = (name: string): string => tableFilename({ bucket, key: keyOf(name) });
  const settled = await watchUpload(services, run.names.map(filenameOf), {
    onProgress: ({ settled: done, total }) => {
      reporter.advance("counted", done, total, "files");
    },
    signal,
  });
  reporter.wait("merging counts");
  const files = run.names.map((name) => ({ name, filename: filenameOf(name) }));
  const { result, results } = await withCommandFolder(context, (directory) =>
    collectUpload(
      { objects: services.objects, directory, memoryBytes: MERGE_MEMORY_BYTES },
      { runId: run.runId, stateBucket: services.outputs.state_bucket, files, settled, top: options.top },
    ),
  );
  return {
    document: batchDocument(result, (services.clock.monotonic() - run.startedAt) / 1_000),
    results,
    readStart: (name) => readStart(services.objects, services.decompressor, [{ bucket, key: keyOf(name) }]),
  };
}
