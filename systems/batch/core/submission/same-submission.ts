import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import type { WorkloadRecord } from "../../../../workloads/record";
import { addressOf } from "../sources/batch-sources";
import type { BatchSource, FailureLimit } from "../../contracts/batch";
import type { BatchRecord } from "../../contracts/ledger-rows";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { failureLimitText } from "../failures/failure-limit";
import type { BatchSubmission } from "./submission";
import { submittedFiles, type SubmissionList } from "../stored-batch/submission-list";

/** The request id belongs to a batch that was submitted differently. */
export class SubmissionConflictError extends Error {
  public override readonly name = "SubmissionConflictError";
  public readonly fix = "give another --request-id for another batch, or repeat the first submission unchanged";
  public constructor(
    public readonly requestId: string,
    public readonly batchId: string,
    difference: string,
  ) {
    super(`request id '${requestId}' is batch ${batchId}, which was submitted differently: ${difference}`);
  }
}

/**
 * Refuses a request id that belongs to another batch: other sources, patterns, options or terms, or other files. Files are compared by
 * name and content, whatever of them is stored by now. The deadline is not compared: one given as a time from now is another one each
 * time. The first one stands.
 *
 * @throws SubmissionConflictError
 */
export async function refuseOtherSubmission(
  store: ObjectStore,
  batch: BatchRecord,
  { budgetUsd, failureLimit, requestedRoute, source, workload }: BatchSubmission,
  list: SubmissionList | undefined,
): Promise<void> {
  const { filter, sources } = source.kind === "objects" ? source : { filter: undefined, sources: batch.sources };
  const patterns = (stored: BatchRecord["filter"]): string =>
    stored === undefined ? "none" : JSON.stringify([stored.include, stored.exclude]);
  const compared: readonly (readonly [name: string, stored: string | number, given: string | number])[] = [
    ["source", kindOf(batch, batch.submission !== undefined), kindOf({ sources }, source.kind === "files")],
    ["patterns", patterns(batch.filter), patterns(filter)],
    ["workload", batch.workload.name, workload.name],
    ...optionsOf(batch.workload, workload),
    ["program", artefactsOf(batch.workload), artefactsOf(workload)],
    ["route", batch.requestedRoute, requestedRoute],
    ["budget", batch.budgetUsd ?? "none", budgetUsd ?? "none"],
    ["limit of failures", failuresText(batch.failureLimit), failuresText(failureLimit)],
  ];
  const differences = compared
    .filter(([, stored, given]) => stored !== given)
    .map(([name, stored, given]) => `${name} was '${stored}', is '${given}'`);
  if (differences.length === 0 && source.kind === "files" && list !== undefined && batch.submission?.sha256 !== list.summary.sha256) {
    differences.push(await firstDifference(store, source.stateBucket, batch, list.files));
  }
  if (differences.length > 0) throw new SubmissionConflictError(batch.requestId, batch.batchId, differences.join("; "));
}

/** Options by name, of both. */
function optionsOf(stored: WorkloadRecord, given: WorkloadRecord): (readonly [name: string, stored: string, given: string])[] {
  const names = new Set([...Object.keys(stored.options), ...Object.keys(given.options)]);
  const textOf = (value: unknown): string => (value === undefined ? "none" : typeof value === "string" ? value : canonicalJson(value));
  return [...names].map((name) => [`option ${name}`, textOf(stored.options[name]), textOf(given.options[name])]);
}

const artefactsOf = ({ artefacts = [] }: WorkloadRecord): string =>
  artefacts.map(({ name, sha256 }) => `${name} ${sha256}`).join(" ") || "none";

const failuresText = (limit: FailureLimit | undefined): string => (limit === undefined ? "none" : failureLimitText(limit));

const kindOf = ({ sources }: { readonly sources: readonly BatchSource[] }, isUploaded: boolean): string =>
  isUploaded ? "files of the submission" : sources.map(addressOf).join(" ");

/** What the two lists differ by first, in the order of names. */
async function firstDifference(
  store: ObjectStore,
  stateBucket: string,
  batch: BatchRecord,
  files: SubmissionList["files"],
): Promise<string> {
  let position = 0;
  for await (const stored of submittedFiles(store, stateBucket, batch)) {
    const given = files[position];
    if (given === undefined || compareCodePoints(stored.name, given.name) < 0)
      return `it has a file '${stored.name}' that is not among the files given now`;
    if (given.name !== stored.name) return `it has no file '${given.name}'`;
    if (given.size !== stored.size) return `its file '${stored.name}' has ${stored.size} bytes, now ${given.size}`;
    if (given.sha256 !== stored.sha256) return `its file '${stored.name}' has another content of the same size`;
    position += 1;
  }
  return `it has no file '${files[position]?.name ?? ""}'`;
}
