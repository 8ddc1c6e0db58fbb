import type { BatchSource } from "../../contracts/batch";
import type { BatchRecord, GenerationRecord } from "../../contracts/ledger-rows";
import { submissionKey, uploadPrefix } from "../../contracts/state-keys";
import { BatchStateError } from "../stored-batch/errors";
import { GenerationAtWorkError, resumeBatch } from "../generations/resume-batch";
import type { Clock } from "../../../../kit/ports/clock";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { Workflow } from "../../ports/workflow";
import { isArriving } from "../stored-batch/arrivals";
import { refuseOtherSubmission } from "./same-submission";
import { DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO } from "./submission";
import type { BatchSubmission, SubmissionSource } from "./submission";
import { submissionList, type SubmissionList } from "../stored-batch/submission-list";
import { uploadFiles } from "./upload-files";

export interface SubmitBatchPorts {
  readonly ledger: Ledger;
  readonly objects: ObjectStore;
  readonly workflow: Workflow;
  readonly clock: Clock;
  /** A fresh ULID. */
  readonly newId: () => string;
}

export interface SubmitHooks {
  /** The batch is known to the ledger, and none of its files was put yet: from here on it can be gone on with. */
  readonly onKnown?: (batch: BatchRecord) => void;
  /** Called after each file, with the files that are there so far. */
  readonly onUploaded?: (files: number) => void;
  readonly signal?: AbortSignal;
}

export interface SubmittedBatch {
  /** As it is after the submission. */
  readonly batch: BatchRecord;
  /** false: the request id was known and the batch had been started before. */
  readonly started: boolean;
}

const FIRST_GENERATION = 1;

/**
 * Submits a batch: stores it with the list of its files (names, sizes, hashes), puts the files, then starts its workflow. Each step may
 * be repeated with the same request id after a crash: what is there stays, what is missing is put. A batch never starts before all of its
 * files are there, and its files are never touched after it started.
 *
 * @throws SubmissionConflictError when the request id belongs to a batch with other files, options or terms; LocalFileChangedError when a
 *   file is no longer what was listed; GenerationAtWorkError when the batch is being cancelled
 */
export async function submitBatch(ports: SubmitBatchPorts, submission: BatchSubmission, hooks: SubmitHooks = {}): Promise<SubmittedBatch> {
  const { ledger, objects } = ports;
  const list = submission.source.kind === "files" ? submissionList(submission.source.files) : undefined;
  const { batch, created } = await ledger.createBatch(recordOf(ports, submission, list));
  if (!created) await refuseOtherSubmission(objects, batch, submission, list);
  hooks.onKnown?.(batch);
  if (submission.source.kind === "objects" || list === undefined || !isArriving(batch)) return start(ports, batch, hooks);
  return bringFiles(ports, batch, submission.source, list, { ...hooks, created });
}

function recordOf(ports: SubmitBatchPorts, submission: BatchSubmission, list: SubmissionList | undefined): BatchRecord {
  const newId = ports.newId();
  const { source } = submission;
  return {
    batchId: newId,
    requestId: submission.requestId ?? newId,
    sources: sourcesOf(source, newId),
    ...(source.kind === "objects" && source.filter !== undefined ? { filter: source.filter } : {}),
    ...(list === undefined ? {} : { submission: list.summary }),
    workload: submission.workload,
    requestedRoute: submission.requestedRoute,
    acknowledgePerFileUpTo: submission.acknowledgePerFileUpTo ?? DEFAULT_ACKNOWLEDGE_PER_FILE_UP_TO,
    latestGeneration: FIRST_GENERATION,
    submittedAt: new Date(ports.clock.now()).toISOString(),
    ...(submission.deadline === undefined ? {} : { deadline: submission.deadline }),
    ...(submission.budgetUsd === undefined ? {} : { budgetUsd: submission.budgetUsd }),
    ...(submission.failureLimit === undefined ? {} : { failureLimit: submission.failureLimit }),
  };
}

const sourcesOf = (source: SubmissionSource, batchId: string): BatchSource[] =>
  source.kind === "objects" ? [...source.sources] : [{ bucket: source.uploadingBucket, prefix: uploadPrefix(batchId) }];

/** Puts what is missing of a submission, and starts the batch or takes it up again. */
async function bringFiles(
  ports: SubmitBatchPorts,
  batch: BatchRecord,
  source: Extract<SubmissionSource, { kind: "files" }>,
  list: SubmissionList,
  hooks: SubmitHooks & { readonly created: boolean },
): Promise<SubmittedBatch> {
  const { clock, ledger, objects } = ports;
  const before = await latestOf(ledger, batch);
  // cancelled a moment ago: what becomes of it is not known yet
  if (before.status !== "open" && before.completionSentAt === undefined) throw new GenerationAtWorkError(before);
  const beganAt = clock.monotonic();
  await objects.put(source.stateBucket, submissionKey(batch.batchId), list.text);
  await uploadFiles(objects, batch, source, hooks);
  hooks.signal?.throwIfAborted();
  const took = hooks.created ? clock.monotonic() - beganAt : undefined;
  const arrived = await ledger.markArrived(batch.batchId, new Date(clock.now()).toISOString(), took);
  if (before.status === "open") return start(ports, arrived, hooks);
  // it was cancelled, or given up as abandoned, before its files were there: what was never planned is planned now
  await resumeBatch({ ...ports, stateBucket: source.stateBucket }, batch.batchId, { reasons: [] });
  return { batch: await batchOf(ledger, batch.batchId), started: true };
}

/** Starts the first generation; one that was started, or closed before it could be, is left as it is. */
async function start(ports: SubmitBatchPorts, batch: BatchRecord, { signal }: SubmitHooks): Promise<SubmittedBatch> {
  signal?.throwIfAborted();
  const ref = { batchId: batch.batchId, generation: FIRST_GENERATION };
  const generation = await ports.ledger.getGeneration(ref);
  const isDecided = generation !== undefined && (generation.status !== "open" || generation.plan !== undefined);
  if (isDecided || (await ports.workflow.status(ref)) !== undefined) return { batch, started: false };
  return { batch, started: await ports.workflow.start(ref) };
}

async function latestOf(ledger: Ledger, { batchId, latestGeneration }: BatchRecord): Promise<GenerationRecord> {
  const generation = await ledger.getGeneration({ batchId, generation: latestGeneration });
  if (generation === undefined) throw new BatchStateError(`the ledger has no generation ${latestGeneration} of batch ${batchId}`);
  return generation;
}

async function batchOf(ledger: Ledger, batchId: string): Promise<BatchRecord> {
  const batch = await ledger.getBatch(batchId);
  if (batch === undefined) throw new BatchStateError(`the ledger has no batch ${batchId} any more`);
  return batch;
}
