import { textFactsSchema } from "../../../../workloads/word-count/results";
import type { FileCountsByStatus } from "../../contracts/files";
import type { GenerationRef } from "../../contracts/batch";
import type { ListedFile } from "../../core/results/list-files";
import { invalidShare } from "./doubtful";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { renderTable } from "../../../../kit/cli/render/table";

/** Rows of one table: the width of its columns is known when all of them are. */
const ROWS_PER_TABLE = 1_000;

/** The line above a list: what the files of a batch came to. */
export function renderFileCounts({ batchId, generation }: GenerationRef, { total, ...byStatus }: FileCountsByStatus): string {
  const counts = Object.entries(byStatus).flatMap(([status, files]) => (files === 0 ? [] : [`${count(files)} ${status}`]));
  return `batch ${batchId}, generation ${generation}: ${plural(total, "file")}${counts.length === 0 ? "" : ` (${counts.join(", ")})`}\n`;
}

/** Files as tables that fit, one after the other where they are many: memory holds one. @param width columns of the screen */
export async function* renderFiles(files: AsyncIterable<ListedFile>, width: number): AsyncGenerator<string, void> {
  let rows: ListedFile[] = [];
  for await (const file of files) {
    rows.push(file);
    if (rows.length < ROWS_PER_TABLE) continue;
    yield fileTable(rows, width);
    rows = [];
  }
  if (rows.length > 0) yield fileTable(rows, width);
}

export function fileTable(files: readonly ListedFile[], width: number): string {
  const reasons = files.map(reasonOf);
  // most lists are of files that are well
  const hasReason = reasons.some((reason) => reason !== "");
  const table = renderTable(
    [
      { head: "file", least: 20 },
      { head: "status" },
      ...(hasReason ? [{ head: "reason", least: 19 }] : []),
      { head: "size", align: "right" },
    ],
    files.map(({ filename, status, bytes }, index) => [filename, status, ...(hasReason ? [reasons[index] ?? ""] : []), byteSize(bytes)]),
    width,
  );
  return `${table}\n`;
}

const reasonOf = (file: ListedFile): string =>
  file.reason ?? (file.doubtful ? `doubtful: ${invalidShare(textFactsSchema.parse(file.result))}` : "");
