import type { FileResult } from "../../contracts/files";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import type { ResultTable } from "../../../../workloads/workload";
import { wordTotalOf } from "../../../../workloads/word-count/view";
import type { WordTotal } from "../../../../workloads/word-count/workload";
import type { BatchDocument } from "../../core/results/batch-document";
import { doubtfulLine } from "./doubtful";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";
import { renderTable } from "../../../../kit/cli/render/table";

/** Rows of a total that a screen shows; batch.json has them all. */
const SHOWN_ROWS = 50;

/** A total as its workload lays it out, with the rank of each row. */
export const totalTable = ({ columns, rows }: ResultTable, width: number): string =>
  renderTable(
    [{ head: "", align: "right" }, ...columns.map((head, index) => columnOf(head, rows[0]?.[index]))],
    rows.slice(0, SHOWN_ROWS).map((row, index) => [index + 1, ...row]),
    width,
  );

const columnOf = (head: string, value: string | number | undefined) =>
  typeof value === "string" ? { head, least: 10 } : ({ head, align: "right" } as const);

/** Lines of JSON that a screen shows of a total that has no table. */
const SHOWN_LINES = 40;

function totalLines({ result, workload }: BatchDocument, width: number): string[] {
  const words = wordTotalOf(workload, result);
  const table = BoundWorkload.tableOf(workload.name, result);
  const tableLines = table === undefined || table.rows.length === 0 ? [] : [totalTable(table, width)];
  if (words !== undefined) return [wordLine(words), ...doubtfulLine(words), ...tableLines];
  if (table !== undefined) return tableLines;
  const lines = JSON.stringify(result, undefined, 2)
    .split("\n")
    .map((line) => printable(line));
  return lines.length <= SHOWN_LINES ? lines : [...lines.slice(0, SHOWN_LINES), "… batch.json has it whole"];
}

const wordLine = ({ distinctWords, overlongWords, totalWords }: WordTotal): string =>
  `${plural(totalWords, "word")}, ${count(distinctWords)} distinct` +
  (overlongWords === 0 ? "" : `; ${count(overlongWords)} too long to count`);

/** @param folder where they lie by now; @default they are not fetched */
export function outputLines({ batchId, outputs }: BatchDocument, folder?: string): string[] {
  if (outputs.files === 0) return [];
  const where = folder === undefined ? `\`npx filemill results ${batchId} --outputs FOLDER\` brings them` : printable(folder);
  return [`${plural(outputs.files, "output")}, ${byteSize(outputs.bytes)}: ${where}`];
}

const statusTable = ({ total, processed, skipped, quarantined, unfinished }: BatchDocument["files"], width: number): string =>
  renderTable(
    ["files", "processed", "skipped", "quarantined", "unfinished"].map((head) => ({ head })),
    [[total, processed, skipped, quarantined, unfinished]],
    width,
  );

/** The end of a run: what came out, what did not, where it lies. */
export function renderBatch(
  document: BatchDocument,
  {
    folder,
    exceptions = [],
    detail,
    outputsFolder,
  }: {
    readonly folder?: string;
    readonly exceptions?: readonly FileResult[];
    readonly detail?: string | undefined;
    readonly outputsFolder?: string;
  },
  width: number,
): string {
  const route = document.route === null ? "" : ` on route ${document.route}`;
  const lines = [
    `batch ${document.batchId} ${document.status}${route}: ${plural(document.files.total, "file")}, ${byteSize(document.bytes)}${document.seconds === null ? "" : ` in ${document.seconds.toFixed(1)} s`}`,
    ...(detail === undefined ? [] : [printable(detail)]),
    statusTable(document.files, width),
    ...totalLines(document, width),
    ...outputLines(document, outputsFolder),
    ...exceptions.map(exceptionLine),
  ];
  const unnamed = document.files.total - document.files.processed - exceptions.length;
  if (exceptions.length > 0 && unnamed > 0) lines.push(`and ${plural(unnamed, "more file")} without a result`);
  if (folder !== undefined) lines.push(`results: ${printable(folder)}`);
  return `${lines.join("\n")}\n`;
}

const exceptionLine = ({ detail, filename, reason, status }: FileResult): string => {
  const why = [reason, detail?.split("\n")[0]].flatMap((text) => (text === undefined ? [] : [printable(text)]));
  return `${status}: ${printable(filename)}${why.length === 0 ? "" : ` (${why.join(": ")})`}`;
};
