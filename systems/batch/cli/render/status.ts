import { failureLimitText } from "../../core/failures/failure-limit";
import { QUARANTINE_REASONS } from "../../contracts/files";
import type { BatchRecord, FleetHealth, GenerationRecord } from "../../contracts/ledger-rows";
import type { Receipt } from "../../contracts/receipt";
import { reportedDoubtfulFiles } from "../../core/results/completion";
import type { BatchProgress } from "../../core/results/batch-progress";
import { isArriving } from "../../core/stored-batch/arrivals";
import { callsOf } from "../../core/ledger/work-done";
import { addressOf } from "../../core/sources/batch-sources";
import { doubtfulLine } from "./doubtful";
import { age, count, plural, usDollars } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { shellQuoted } from "../../../../kit/cli/render/shell-quoted";
import { progressUnit, renderPlan } from "./progress";
import { renderTable } from "../../../../kit/cli/render/table";

/** A batch with the state of its newest generation. */
export interface BatchStatus {
  readonly batch: BatchRecord;
  readonly generation: GenerationRecord;
  readonly progress: BatchProgress;
  /** Present when it waits for a fleet that launches nothing. */
  readonly fleetHalt?: FleetHealth;
  /** false: its workflow was never started; its files are being uploaded, or its submission broke off. */
  readonly started: boolean;
}

/** What a generation is doing, in a word people know. */
export type BatchState = "uploading" | "not started" | "running" | "finishing" | "completed" | "refused" | "cancelled" | "failed";

export function stateOf({ batch, generation, started }: Pick<BatchStatus, "batch" | "generation" | "started">): BatchState {
  if (generation.completionSentAt === undefined) {
    if (generation.status !== "open") return "finishing";
    if (isArriving(batch)) return "uploading";
    return started ? "running" : "not started";
  }
  const cause = generation.closeCause ?? "complete";
  return cause === "complete" ? "completed" : cause;
}

/** A ULID, to be copied. */
const BATCH_ID_COLUMNS = 26;

/** @param now milliseconds since the epoch @param width columns of the screen */
export function renderBatchList(rows: readonly BatchStatus[], now: number, width: number): string {
  if (rows.length === 0) return "no batches yet\n";
  const withRequests = rows.some(({ batch }) => requestOf(batch) !== "");
  const table = renderTable(
    [
      { head: "batch", least: BATCH_ID_COLUMNS },
      ...(withRequests ? [{ head: "request", least: 8 }] : []),
      { head: "age", least: 6 },
      { head: "state", least: 9 },
      { head: "files", align: "right" },
      { head: "planned cost", align: "right", least: 7 },
    ],
    rows.map((row) => [
      `${row.batch.batchId}${row.generation.generation === 1 ? "" : ` generation ${row.generation.generation}`}`,
      ...(withRequests ? [requestOf(row.batch)] : []),
      age(row.batch.submittedAt, now),
      stateCell(row),
      row.generation.plan === undefined ? "" : count(row.generation.plan.fileCount),
      row.generation.plan === undefined ? "" : usDollars(row.generation.plan.estimatedCostUsd),
    ]),
    width,
  );
  return `${table}\n`;
}

/** Without a request id of the user's own a batch's is its id: that says nothing more. */
const requestOf = ({ batchId, requestId }: BatchRecord): string => (requestId === batchId ? "" : requestId);

function stateCell(row: BatchStatus): string {
  const { progress } = row;
  if (progress.phase !== "processing" || progress.total === 0) return stateOf(row);
  return `${stateOf(row)} ${Math.floor((progress.settled * 100) / progress.total)} %`;
}

/** @param now milliseconds since the epoch */
export function renderBatchStatus(row: BatchStatus, now: number, work?: Receipt["work"]): string {
  const { batch, generation } = row;
  const { plan, files } = generation;
  const lines = [
    `batch ${batch.batchId}, generation ${generation.generation}: ${stateOf(row)}`,
    ...supersession(generation),
    `submitted ${batch.submittedAt} (${age(batch.submittedAt, now)}) as request '${printable(batch.requestId)}' from ${printable(batch.sources.map(addressOf).join(", "))}`,
    ...bounds(batch),
    ...(plan === undefined ? [] : [renderPlan(plan)]),
    progressLine(row),
    ...haltLines(row),
  ];
  if (files !== undefined) {
    lines.push(
      `files: ${count(files.processed)} processed, ${count(files.skipped)} skipped, ${count(files.quarantined)} quarantined, ${count(files.unfinished)} unfinished`,
    );
  }
  lines.push(...doubtfulLine({ doubtfulFiles: reportedDoubtfulFiles(generation) }));
  if (work !== undefined) {
    lines.push(
      `work: ${plural(work.chunks, "chunk")}, ${plural(work.attempts, "claim")}; ` +
        `${plural(work.spotLosses, "spot loss", "spot losses")}, ${plural(work.unexplainedDeaths, "unexplained death")}`,
    );
  }
  const calls = callsOf(generation);
  if (calls !== undefined && calls.perFile !== null) lines.push(`calls of AWS: ${count(calls.total)}, ${calls.perFile} a file`);
  if (generation.closeDetail !== undefined) lines.push(printable(generation.closeDetail));
  return `${lines.join("\n")}\n`;
}

function progressLine({ batch, generation, progress, started }: BatchStatus): string {
  if (progress.phase === "uploading") {
    return (
      `progress: ${count(progress.arrived)} of ${plural(progress.total, "file")} uploaded; if the command that uploads them was ended, ` +
      `submit the same files again with --request-id ${shellQuoted(batch.requestId)}`
    );
  }
  if (!started) return "progress: none; its workflow was not started yet, which is made good within minutes";
  if (progress.phase !== "processing") return `progress: ${progress.phase}`;
  const unit = generation.plan === undefined ? "splits" : progressUnit(generation.plan);
  return `progress: ${count(progress.settled)} of ${count(progress.total)} ${unit}`;
}

function haltLines({ fleetHalt }: BatchStatus): string[] {
  if (fleetHalt?.halt === undefined) return [];
  const { failedStarts, halt } = fleetHalt;
  return [
    `waiting: the fleet launches no workers since ${new Date(halt.since).toISOString()}, for ${plural(failedStarts, "host")} in a row gave no sign of life;`,
    `  deploy a worker that starts, and it launches again within minutes; one host is tried again at ${new Date(halt.retryAt).toISOString()}`,
  ];
}

/** What a later generation takes the place of, and what it takes up. */
function supersession({ generation, replay }: GenerationRecord): string[] {
  if (generation === 1) return [];
  const reasons = replay?.reasons ?? [];
  const chosen = reasons.length === QUARANTINE_REASONS.length ? "" : ` as ${reasons.join(", ")}`;
  const quarantined = reasons.length === 0 ? "" : `, and what was quarantined${chosen}`;
  return [`supersedes generation ${generation - 1}: takes up what that left unfinished${quarantined}`];
}

function bounds({ budgetUsd, deadline, failureLimit }: BatchRecord): string[] {
  const parts = [
    ...(deadline === undefined ? [] : [`at ${deadline}`]),
    ...(budgetUsd === undefined ? [] : [`at $${budgetUsd} of estimated spending`]),
    ...(failureLimit === undefined
      ? []
      : [`above ${failureLimitText(failureLimit)}${"files" in failureLimit ? "" : " of its"} files in quarantine`]),
  ];
  return parts.length === 0 ? [] : [`stopped at the latest: ${parts.join(", ")}`];
}
