import type { FileResult } from "../../contracts/files";
import type { WordCount } from "../../../../workloads/word-count/results";
import type { BatchDocument } from "../../core/results/batch-document";
import { doubtfulLine } from "./doubtful";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/cli/render/printable";
import { renderTable } from "../../../../kit/cli/render/table";

export const wordTable = (words: readonly WordCount[], width: number): string =>
  renderTable(
    [
      { head: "", align: "right" },
      { head: "word", least: 10 },
      { head: "count", align: "right" },
    ],
    words.map(({ word, count: times }, index) => [index + 1, word, times]),
    width,
  );

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
  }: { readonly folder?: string; readonly exceptions?: readonly FileResult[]; readonly detail?: string | undefined },
  width: number,
): string {
  const route = document.route === null ? "" : ` on route ${document.route}`;
  const lines = [
    `batch ${document.batchId} ${document.status}${route}: ${plural(document.files.total, "file")}, ${byteSize(document.bytes)}${document.seconds === null ? "" : ` in ${document.seconds.toFixed(1)} s`}`,
    ...(detail === undefined ? [] : [printable(detail)]),
    statusTable(document.files, width),
    `${plural(document.totalWords, "word")}, ${count(document.distinctWords)} distinct` +
      (document.overlongWords === 0 ? "" : `; ${count(document.overlongWords)} too long to count`),
    ...doubtfulLine(document),
    ...(document.words.length === 0 ? [] : [wordTable(document.words, width)]),
    ...exceptions.map(({ filename, status, reason }) => `${status}: ${printable(filename)}${reason === undefined ? "" : ` (${reason})`}`),
  ];
  const unnamed = document.files.total - document.files.processed - exceptions.length;
  if (exceptions.length > 0 && unnamed > 0) lines.push(`and ${plural(unnamed, "more file")} without a result`);
  if (folder !== undefined) lines.push(`results: ${printable(folder)}`);
  return `${lines.join("\n")}\n`;
}
