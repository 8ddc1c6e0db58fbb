import type { BatchSource } from "../contracts/batch";
import type { BatchRecord } from "../contracts/ledger-rows";
import { uploadPrefix } from "../contracts/state-keys";
import { forEachConcurrently } from "../for-each-concurrently";
import type { Clock } from "../ports/clock";
import type { Ledger } from "../ports/ledger";
import type { ObjectStore } from "../ports/object-store";
import type { Workflow } from "../ports/workflow";
import { DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO, SubmissionConflictError, UPLOAD_CONCURRENCY } from "./submission";
import type { BatchSubmission, SourceFile, SubmissionSource } from "./submission";

export interface SubmitBatchPorts {
  readonly ledger: Ledger;
  readonly objects: ObjectStore;
  readonly workflow: Workflow;
  readonly clock: Clock;
  /** A fresh ULID. */
  readonly newId: () => string;
}

export interface SubmitHooks {
  /** Called after each file, with the files put so far. */
  readonly onUploaded?: (files: number) => void;
  readonly signal?: AbortSignal;
}

export interface SubmittedBatch {
  readonly batch: BatchRecord;
  /** false: the request id was known and the batch's execution had been started before. */
  readonly started: boolean;
}

const FIRST_GENERATION = 1;

/**
 * Submits a batch: stores it, puts its files, then starts its workflow. Each step may be repeated with the same request id after
 * a crash; a batch never starts before all of its files are there, and its files are never touched after it started.
 *
 * @throws SubmissionConflictError when the request id belongs to a batch with other files, options or route
 */
export async function submitBatch(ports: SubmitBatchPorts, submission: BatchSubmission, hooks: SubmitHooks = {}): Promise<SubmittedBatch> {
  const { ledger, objects, workflow } = ports;
  const newId = ports.newId();
  const { created, batch } = await ledger.createBatch({
    batchId: newId,
    requestId: submission.requestId ?? newId,
    source: sourceOf(submission.source, newId),
    options: submission.options,
    requestedRoute: submission.requestedRoute,
    acknowledgePerFileUpTo: submission.acknowledgePerFileUpTo ?? DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO,
    latestGeneration: FIRST_GENERATION,
    submittedAt: new Date(ports.clock.now()).toISOString(),
    ...(submission.deadline === undefined ? {} : { deadline: submission.deadline }),
    ...(submission.budgetUsd === undefined ? {} : { budgetUsd: submission.budgetUsd }),
  });
  if (!created) refuseOtherSubmission(batch, submission);

  const started = !created && (await wasStarted(ports, batch.batchId));
  if (submission.source.kind === "files") {
    if (!started) await upload(objects, batch.source, submission.source.files, hooks);
    if (!created) await refuseOtherFiles(objects, batch, submission.source.files);
  }
  hooks.signal?.throwIfAborted();
  if (started) return { batch, started: false };
  return { batch, started: await workflow.start({ batchId: batch.batchId, generation: FIRST_GENERATION }) };
}

const sourceOf = (source: SubmissionSource, batchId: string): BatchSource =>
  source.kind === "objects" ? source.source : { bucket: source.uploadingBucket, prefix: uploadPrefix(batchId) };

/** Known by the ledger when the plan ran; known by the workflow before that. */
async function wasStarted({ ledger, workflow }: SubmitBatchPorts, batchId: string): Promise<boolean> {
  const ref = { batchId, generation: FIRST_GENERATION };
  const generation = await ledger.getGeneration(ref);
  if (generation !== undefined && (generation.status !== "open" || generation.plan !== undefined)) return true;
  return (await workflow.status(ref)) !== undefined;
}

async function upload(objects: ObjectStore, target: BatchSource, files: readonly SourceFile[], hooks: SubmitHooks): Promise<void> {
  let done = 0;
  await forEachConcurrently(
    files,
    UPLOAD_CONCURRENCY,
    async (file) => {
      await objects.putFile(target.bucket, target.prefix + file.name, file.path);
      done += 1;
      hooks.onUploaded?.(done);
    },
    hooks.signal,
  );
}

/** The deadline is not compared: one given as a time from now is another one each time. The first one stands. */
function refuseOtherSubmission(batch: BatchRecord, submission: BatchSubmission): void {
  const source = sourceOf(submission.source, batch.batchId);
  const compared: readonly (readonly [name: string, stored: string | number, given: string | number])[] = [
    ["source", `s3://${batch.source.bucket}/${batch.source.prefix}`, `s3://${source.bucket}/${source.prefix}`],
    ["minimum word length", batch.options.minimumWordLength, submission.options.minimumWordLength],
    ["top", batch.options.top, submission.options.top],
    ["encoding", batch.options.encoding, submission.options.encoding],
    ["route", batch.requestedRoute, submission.requestedRoute],
    ["budget", batch.budgetUsd ?? "none", submission.budgetUsd ?? "none"],
  ];
  const differences = compared.filter(([, stored, given]) => stored !== given);
  if (differences.length === 0) return;
  throw new SubmissionConflictError(
    batch.requestId,
    batch.batchId,
    differences.map(([name, stored, given]) => `${name} was '${stored}', is '${given}'`).join("; "),
  );
}

/**
 * Compares what lies under the batch's prefix with what is submitted now, by name and size: an earlier submission of the same
 * request id may have put files that this one doesn't have.
 */
async function refuseOtherFiles(objects: ObjectStore, batch: BatchRecord, files: readonly SourceFile[]): Promise<void> {
  const expected = new Map(files.map((file) => [file.name, file.size]));
  const conflict = (difference: string): SubmissionConflictError => new SubmissionConflictError(batch.requestId, batch.batchId, difference);
  for await (const object of objects.list(batch.source.bucket, batch.source.prefix)) {
    const name = object.key.slice(batch.source.prefix.length);
    const size = expected.get(name);
    if (size === undefined) throw conflict(`it has a file '${name}' that is not among the files given now`);
    if (size !== object.size) throw conflict(`its file '${name}' has ${object.size} bytes, now ${size}`);
    expected.delete(name);
  }
  const [missing] = expected.keys();
  if (missing !== undefined) throw conflict(`it has no file '${missing}'`);
}
