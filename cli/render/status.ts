import Table from "cli-table3";
import type { BatchRecord, GenerationRecord } from "../../core/contracts/ledger-rows";
import type { BatchProgress } from "../../core/results/batch-progress";
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
  const table = new Table({ ...plain, head: ["batch", "submitted", "state", "route", "files", "source"] });
  for (const row of rows) {
    const { batch, generation } = row;
    table.push([
      batch.batchId,
      batch.submittedAt,
      stateOf(row),
      generation.plan?.route ?? batch.requestedRoute,
      generation.plan === undefined ? "" : count(generation.plan.fileCount),
      printable(`s3://${batch.source.bucket}/${batch.source.prefix}`),
    ]);
  }
  return `${table.toString()}\n`;
}

export function renderBatchStatus(row: BatchStatus, progress: BatchProgress): string {
  const { batch, generation } = row;
  const { plan, files } = generation;
  const lines = [
    `batch ${batch.batchId}, generation ${generation.generation}: ${stateOf(row)}`,
    `submitted ${batch.submittedAt} as request '${printable(batch.requestId)}' from ${printable(`s3://${batch.source.bucket}/${batch.source.prefix}`)}`,
  ];
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
  if (generation.closeDetail !== undefined) lines.push(printable(generation.closeDetail));
  return `${lines.join("\n")}\n`;
}
