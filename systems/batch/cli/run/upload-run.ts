import { BoundWorkload } from "../../../../workloads/bound-workload";
import { wordCount } from "../../../../workloads/word-count/workload";
import type { WordCountOptions } from "../../../../workloads/word-count/options";
import { uploadRunPrefix } from "../../contracts/state-keys";
import { batchDocument } from "../../core/results/batch-document";
import { collectUpload } from "../../core/results/collect-upload";
import { watchAcknowledged } from "../../core/results/watch-acknowledged";
import { tableFilename, watchUpload } from "../../core/results/watch-upload";
import { submitUpload } from "../../core/submission/submit-upload";
import { entriesOf, type UploadSource } from "../../core/submission/submission";
import { byteSize, plural } from "../../../../kit/cli/render/numbers";
import type { Reporter } from "../../../../kit/cli/render/reporter";
import type { CommandContext } from "../context";
import type { Services } from "../services";
import { withCommandFolder } from "../../../../kit/cli/temporary-folder";
import { readStart } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";

/** What merging the counts of a run may take; more goes to disk. */
const MERGE_MEMORY_BYTES = 64 * 1_048_576;

export interface UploadRun {
  readonly runId: string;
  readonly names: readonly string[];
  /** When the first upload began, by the clock's monotonic time. */
  readonly startedAt: number;
}

/** Puts files of this machine, or objects of S3, on the upload path. */
export async function startUpload(
  services: Services,
  source: UploadSource,
  options: WordCountOptions,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<UploadRun> {
  const { objects, outputs, clock } = services;
  const entries = entriesOf(source);
  const run = { runId: services.newId(), names: entries.map(({ name }) => name), startedAt: clock.monotonic() };
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  const [doing, label] = source.kind === "files" ? (["uploading and copying", "uploaded"] as const) : (["copying", "copied"] as const);
  reporter.say(`${doing} ${plural(entries.length, "file")}, ${byteSize(bytes)}`);
  await submitUpload(
    objects,
    { runId: run.runId, source, uploadingBucket: outputs.uploading_bucket, processingBucket: outputs.processing_bucket, options },
    {
      onUploaded: (done) => {
        reporter.advance(label, done, entries.length, "files");
      },
      signal,
    },
  );
  reporter.finish();
  return run;
}

/** Waits until the workers settled and acknowledged every file, and merges what they counted. */
export async function finishUpload(
  services: Services,
  run: UploadRun,
  options: WordCountOptions,
  context: Pick<CommandContext, "environment" | "reporter" | "signal">,
): Promise<FinishedRun> {
  const { reporter, signal } = context;
  const bucket = services.outputs.processing_bucket;
  const keyOf = (name: string): string => uploadRunPrefix(run.runId) + name;
  const filenameOf = (name: string): string => tableFilename({ bucket, key: keyOf(name) });
  const settled = await watchUpload(services, run.names.map(filenameOf), {
    onProgress: ({ settled: done, total }) => {
      reporter.advance("processed", done, total, "files");
    },
    signal,
  });
  reporter.wait("waiting for the last acknowledgements");
  const ports = { ...services, stateBucket: services.outputs.state_bucket };
  const unseen = await watchAcknowledged(ports, run.runId, run.names.map(filenameOf), signal);
  const seconds = unseen === 0 ? (services.clock.monotonic() - run.startedAt) / 1_000 : null;
  if (unseen > 0) reporter.say(`${plural(unseen, "acknowledgement")} not seen in time: how long the run took is not known`);
  reporter.wait("merging counts");
  const files = run.names.map((name) => ({ name, filename: filenameOf(name) }));
  const { result, results } = await withCommandFolder(context, (directory) =>
    collectUpload(
      { objects: services.objects, directory, memoryBytes: MERGE_MEMORY_BYTES },
      {
        runId: run.runId,
        stateBucket: services.outputs.state_bucket,
        files,
        settled,
        // but for what is too much for a function
        route: services.outputs.ingest === "lambda" ? "lambda" : "fleet",
        workload: BoundWorkload.of(wordCount.name, options),
      },
    ),
  );
  return {
    document: batchDocument(result, seconds),
    results,
    readStart: (name) => readStart(services.objects, services.decompressor, [{ bucket, key: keyOf(name) }]),
  };
}
