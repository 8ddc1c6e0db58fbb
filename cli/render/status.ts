import Table from "cli-table3";
import { QUARANTINE_REASONS } from "../../core/contracts/files";
import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import type { Receipt } from "../../core/contracts/receipt";
import { reportedDoubtfulFiles } from "../../core/results/completion";
import type { BatchProgress } from "../../core/results/batch-progress";
import { doubtfulLine } from "./doubtful";
import { byteSize, count, plural } from "./numbers";
import { printable } from "./printable";

const plain = { style: { head: [], border: [], compact: true } };

/** A batch with the state of its newest generation. */
export interface BatchStatus {
  readonly batch: BatchRecord;
  readonly generation: GenerationRecord;
}

/** What a generation is doing, in a word people know. */
function stateOf({ generation }: BatchStatus): string {
  if (generation.completionSentAt === undefined) return generation.status === "open" ? "running" : "finishing";
  return generation.closeCause === "complete" ? "completed" : (generation.closeCause ?? "completed");
}

export function renderBatchList(rows: readonly BatchStatus[]): string {
  if (rows.length === 0) return "no batches yet\n";
  const table = new Table({ ...plain, head: ["batch", "generation", "submitted", "state", "route", "files", "source"] });
  for (const row of rows) {
    const { batch, generation } = row;
    table.push([
      batch.batchId,
      generation.generation,
      batch.submittedAt,
      stateOf(row),
      generation.plan?.route ?? batch.requestedRoute,
      generation.plan === undefined ? "" : count(generation.plan.fileCount),
      printable(`s3://${batch.source.bucket}/${batch.source.prefix}`),
    ]);
  }
  return `${table.toString()}\n`;
}

export function renderBatchStatus(row: BatchStatus, progress: BatchProgress, work?: Receipt["work"]): string {
  const { batch, generation } = row;
  const { plan, files } = generation;
  const lines = [
    `batch ${batch.batchId}, generation ${generation.generation}: ${stateOf(row)}`,
    ...supersession(generation),
    `submitted ${batch.submittedAt} as request '${printable(batch.requestId)}' from ${printable(`s3://${batch.source.bucket}/${batch.source.prefix}`)}`,
  ];
  lines.push(...bounds(batch));
  if (plan !== undefined) {
    lines.push(
      `plan: ${plural(plan.fileCount, "file")}, ${byteSize(plan.bytes)} in ${plural(plan.chunkCount, "chunk")} on route ${plan.route}; ` +
        `expected ${plan.estimatedSeconds.toFixed(0)} s and $${plan.estimatedCostUsd.toFixed(4)} on AWS`,
    );
  }
  lines.push(
    progress.phase === "counting"
      ? `progress: ${count(progress.settled)} of ${count(progress.total)} splits`
      : `progress: ${progress.phase}`,
  );
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
  if (generation.closeDetail !== undefined) lines.push(printable(generation.closeDetail));
  return `${lines.join("\n")}\n`;
}

/** What a later generation takes the place of, and what it takes up. */
function supersession({ generation, replay }: GenerationRecord): string[] {
  if (generation === 1) return [];
  const reasons = replay?.reasons ?? [];
  const chosen = reasons.length === QUARANTINE_REASONS.length ? "" : ` as ${reasons.join(", ")}`;
  const quarantined = reasons.length === 0 ? "" : `, and what was quarantined${chosen}`;
  return [`supersedes generation ${generation - 1}: takes up what that left unfinished${quarantined}`];
}

function bounds({ deadline, budgetUsd }: BatchRecord): string[] {
  const parts = [
    ...(deadline === undefined ? [] : [`at ${deadline}`]),
    ...(budgetUsd === undefined ? [] : [`at $${budgetUsd} of estimated spending`]),
  ];
  return parts.length === 0 ? [] : [`stopped at the latest: ${parts.join(", ")}`];
}
