import type { GenerationRef } from "../../contracts/batch";
import type { FileResult } from "../../contracts/files";
import type { BatchRecord } from "../../contracts/ledger-rows";
import type { FoundFile } from "../../core/quarantine/find-file";
import type { CountsByReason, QuarantineTally } from "../../core/quarantine/quarantined-files";
import { isUnfinishedReason, REASON_TEXTS, UNFINISHED_TEXTS } from "../../core/quarantine/reasons";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { shellQuoted } from "../../../../kit/cli/render/shell-quoted";
import { renderTable } from "../../../../kit/cli/render/table";

/** What a batch has in quarantine as of a generation. */
export interface BatchQuarantine extends QuarantineTally {
  readonly batch: BatchRecord;
  readonly generation: number;
}

/** `2 missing, 1 corrupt-gzip`. */
export const reasonCounts = (byReason: CountsByReason): string =>
  Object.entries(byReason)
    .map(([reason, files]) => `${count(files)} ${reason}`)
    .join(", ");

export function renderQuarantine(batches: readonly BatchQuarantine[], width: number): string {
  if (batches.every(({ total }) => total === 0)) return "no quarantined files\n";
  return batches.map((batch) => renderOne(batch, width)).join("\n");
}

function renderOne({ batch, generation, total, byReason, first }: BatchQuarantine, width: number): string {
  const { batchId } = batch;
  const lines = [`batch ${batchId}, generation ${generation}: ${plural(total, "quarantined file")} (${reasonCounts(byReason)})`];
  if (first.length > 0) {
    const columns = [{ head: "file", least: 20 }, { head: "reason" }, { head: "size", align: "right" }] as const;
    lines.push(
      renderTable(
        columns,
        first.map(({ filename, reason, bytes }) => [filename, reason, byteSize(bytes)]),
        width,
      ),
    );
  }
  if (total > first.length) lines.push(`and ${plural(total - first.length, "more file")}; --limit shows more`);
  lines.push(
    `next: npx filemill quarantine show ${batchId} FILE   why, and the way out`,
    `next: npx filemill quarantine replay ${batchId}      try them again`,
  );
  return `${lines.join("\n")}\n`;
}

/** One file of a batch: what the plan froze, its state, the reason in words, and what to do next. */
export function renderBatchFile({ batchId, generation }: GenerationRef, { line, result }: FoundFile): string {
  const state = result.reason === undefined ? result.status : `${result.status} (${result.reason})`;
  const lines = [
    printable(result.filename),
    `batch ${batchId}, generation ${generation}: ${state}`,
    ...detailLines(result),
    `s3://${printable(`${line.bucket}/${line.key}`)}`,
    `${byteSize(line.size)}, last modified ${line.lastModified}, ETag ${printable(line.etag)}` +
      (line.versionId === undefined ? "" : `, version ${printable(line.versionId)}`),
    ...(line.carriedFrom === undefined ? [] : [`its outcome stands since generation ${line.carriedFrom}`]),
    ...adviceFor(batchId, result),
    ...copyLine(line, result),
    ...replayLine(batchId, result),
  ];
  return `${lines.join("\n")}\n`;
}

/** The first line, and what is indented below it, is what a worker or a program said. */
const detailLines = ({ detail }: FileResult): string[] =>
  detail === undefined ? [] : detail.split("\n").map((text, index) => `${index === 0 ? "detail: " : "        "}${printable(text)}`);

function adviceFor(batchId: string, { reason }: FileResult): string[] {
  if (reason === undefined) return [];
  if (isUnfinishedReason(reason)) return [`why: ${UNFINISHED_TEXTS[reason]}`, `next: npx filemill resume ${batchId}`];
  const { meaning, remedy } = REASON_TEXTS[reason];
  return [`why: ${meaning}`, `way out: ${remedy}`];
}

/** Reasons that go away when the right bytes lie under the key. */
const MENDED_BY_COPY: ReadonlySet<FileResult["reason"]> = new Set(["corrupt-gzip", "missing"]);

function copyLine({ bucket, key }: FoundFile["line"], { reason }: FileResult): string[] {
  return MENDED_BY_COPY.has(reason) ? [`next: aws s3 cp WHOLE-COPY ${shellQuoted(`s3://${bucket}/${key}`)}`] : [];
}

const replayLine = (batchId: string, { status, reason }: FileResult): string[] =>
  status === "quarantined" && reason !== undefined ? [`next: npx filemill quarantine replay ${batchId} --reason ${reason}`] : [];
