import { createHash } from "node:crypto";
import { batchIdSchema } from "./batch";
import type { GenerationRef } from "./batch";
import type { MergingSummary, PlanSummary } from "./ledger-rows";

/** Everything of one generation lies under this prefix of the `batch-state` bucket, so no generation writes another's. */
export const generationPrefix = (ref: GenerationRef): string => `batches/${ref.batchId}/g${ref.generation}/`;

/**
 * A plan's files lie under a name made from their content: of two runs that plan one generation at the same time neither overwrites
 * what the other stored (docs/adr/0008-generations.md).
 */
export type PlanName = Pick<PlanSummary, "planSha256">;
const CONTENT_NAME_DIGITS = 16;
const planPrefix = (ref: GenerationRef, { planSha256 }: PlanName): string =>
  `${generationPrefix(ref)}plan-${planSha256.slice(0, CONTENT_NAME_DIGITS)}/`;

export const manifestKey = (ref: GenerationRef, plan: PlanName): string => `${planPrefix(ref, plan)}manifest.jsonl`;
export const splitsKey = (ref: GenerationRef, plan: PlanName): string => `${planPrefix(ref, plan)}splits.jsonl`;
export const chunksKey = (ref: GenerationRef, plan: PlanName): string => `${planPrefix(ref, plan)}chunks.jsonl`;

/**
 * What was sealed lies under a name made from its content, too: two seals at the same time may find a row otherwise, and the one whose
 * hash META keeps is the one that counts.
 */
export interface SealName {
  /** Of the whole object. */
  readonly sealedSha256: string;
}
export const sealedKey = (ref: GenerationRef, { sealedSha256 }: SealName): string =>
  `${generationPrefix(ref)}sealed-${sealedSha256.slice(0, CONTENT_NAME_DIGITS)}.jsonl`;

/**
 * What a merge in two steps reads and makes lies under a name made from its ranges: whoever merges a range of it, however often, writes the
 * same bytes to a place of that range alone (docs/adr/0045-reduce-in-two-steps.md).
 */
export type MergingName = Pick<MergingSummary, "rangesSha256">;
const mergingPrefix = (ref: GenerationRef, { rangesSha256 }: MergingName): string =>
  `${generationPrefix(ref)}merge-${rangesSha256.slice(0, CONTENT_NAME_DIGITS)}/`;
/** The partials that count, a line each, in the order in which they are merged. */
export const countedPartialsKey = (ref: GenerationRef, name: MergingName): string => `${mergingPrefix(ref, name)}partials.jsonl`;
/** Ranges of these lines: a map's items. */
export const rangesKey = (ref: GenerationRef, name: MergingName): string => `${mergingPrefix(ref, name)}ranges.jsonl`;
/** What a range's partials come to together. */
export const rangeSectionKey = (ref: GenerationRef, name: MergingName, index: number): string =>
  `${mergingPrefix(ref, name)}sections/${String(index)}`;
/** Results of the files of a range that were cut, joined. */
export const rangeJoinedKey = (ref: GenerationRef, name: MergingName, index: number): string =>
  `${mergingPrefix(ref, name)}joined/${String(index)}.jsonl`;

export const resultsKey = (ref: GenerationRef): string => `${generationPrefix(ref)}results.jsonl`;
export const receiptKey = (ref: GenerationRef): string => `${generationPrefix(ref)}receipt.json`;
/** What the work took, beside the receipt: it depends on what befell the run, and nothing vouches for it. */
export const workKey = (ref: GenerationRef): string => `${generationPrefix(ref)}work.json`;
export const resultKey = (ref: GenerationRef): string => `${generationPrefix(ref)}result.json`;

/** A partial's name carries the claim that wrote it, so that a fenced slot can't overwrite what was committed. */
export const partialKey = (ref: GenerationRef, chunkIndex: number, claim: number, group: number): string =>
  `${generationPrefix(ref)}partials/${String(chunkIndex)}/${String(claim)}-${String(group)}`;

/** Where an output lies until its generation is sealed: below the claim that wrote it. */
export const stagedOutputKey = (
  ref: GenerationRef,
  { chunkIndex, claim, file }: { readonly chunkIndex: number; readonly claim: number; readonly file: number },
  name: string,
): string => `${generationPrefix(ref)}staged/${String(chunkIndex)}/${String(claim)}/${String(file)}/${name}`;

/** How far the outputs of a sealed generation are brought to their places. */
export const publishedKey = (ref: GenerationRef): string => `${generationPrefix(ref)}published.json`;

/** Prefix of every output of a batch. */
export const outputPrefix = (batchId: string): string => `${OUTPUTS_PREFIX}${batchId}/`;
/** @param filename as in results */
export const outputKey = (batchId: string, filename: string, name: string): string => `${outputPrefix(batchId)}${filename}/${name}`;

/** What batches bring along for their workloads, named by content; read by whoever works on batches. */
export const artefactKey = (sha256: string): string => `${BATCHES_PREFIX}workloads/${sha256}`;

/** The list of what a submission brings along, stored before the first of its files. */
export const submissionKey = (batchId: string): string => `batches/${batchId}/submission.jsonl`;

/** Where `submit` puts a batch's files in the uploading bucket; names in results are relative to it. */
export const uploadPrefix = (batchId: string): string => `batches/${batchId}/`;

/** Where `--via upload` puts a run's files, in the uploading bucket and after the copy in the processing bucket. */
export const uploadRunPrefix = (runId: string): string => `uploads/${runId}/`;

/**
 * The partial of one file of such a run, in `batch-state`: its result line, then its counts. Hashed, because an object key may be
 * as long as a key can be already.
 *
 * @param filename bucket and key of the counted object, `bucket/key`
 */
export const uploadPartialKey = (runId: string, filename: string): string => `uploads/${runId}/${hashOf(filename)}`;

/** The run whose file lies under a key of the processing bucket; undefined for what anybody else put there. */
export function uploadRunOf(key: string): string | undefined {
  const run = batchIdSchema.safeParse(/^uploads\/([^/]*)\/./s.exec(key)?.[1]);
  return run.success ? run.data : undefined;
}

/** Where a run's files are noted once they are acknowledged, in `batch-state`. */
export const uploadAcknowledgedPrefix = (runId: string): string => `uploads/${runId}/acknowledged/`;
/** @param filename as for `uploadPartialKey` */
export const uploadAcknowledgedKey = (runId: string, filename: string): string => uploadAcknowledgedPrefix(runId) + hashOf(filename);

const hashOf = (filename: string): string => createHash("sha256").update(filename).digest("hex");

/** Prefix of everything that batches write. */
export const BATCHES_PREFIX = "batches/";
/** Prefix of the files that workloads make, as users find them. */
export const OUTPUTS_PREFIX = "outputs/";
/** Prefix of what the maps' runs write of themselves. */
export const MAP_RUNS_PREFIX = "map-runs/";
/** Prefix of the partials of the upload path. */
export const UPLOADS_PREFIX = "uploads/";

/** Prefix of the worker's archives, writable by the deploying role only (invariant 11). */
export const ARTEFACT_PREFIX = "artefacts/";

/** Name of the execution of a generation; unique for 90 days, so a second submission of it starts nothing. */
export const executionName = (ref: GenerationRef): string => `${ref.batchId}-g${ref.generation}`;
/** `attempt` 0 is the first finish of a generation, later ones carry their number. */
export const finishExecutionName = (ref: GenerationRef, attempt: number): string =>
  `${executionName(ref)}-finish${attempt === 0 ? "" : `-${String(attempt)}`}`;
