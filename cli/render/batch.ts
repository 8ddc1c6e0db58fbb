import Table from "cli-table3";
import type { FileResult, WordCount } from "../../core/contracts/files";
import type { BatchDocument } from "../../core/results/batch-document";
import { doubtfulLine } from "./doubtful";
import { byteSize, count, plural } from "./numbers";
import { printable } from "./printable";

/** No colours: what is printed here is piped and logged as often as read. */
const plain = { style: { head: [], border: [], compact: true } };

export function wordTable(words: readonly WordCount[]): string {
  const table = new Table({ ...plain, head: ["", "word", "count"], colAligns: ["right", "left", "right"] });
  words.forEach(({ word, count: times }, index) => table.push([index + 1, printable(word), count(times)]));
  return table.toString();
}

function statusTable(files: BatchDocument["files"]): string {
  const table = new Table({ ...plain, head: ["files", "processed", "skipped", "quarantined", "unfinished"] });
  table.push([files.total, files.processed, files.skipped, files.quarantined, files.unfinished].map(count));
  return table.toString();
}

/** The end of a run: what came out, what did not, where it lies. */
export function renderBatch(
  document: BatchDocument,
  {
    folder,
    exceptions = [],
    detail,
  }: { readonly folder?: string; readonly exceptions?: readonly FileResult[]; readonly detail?: string | undefined },
): string {
  const route = document.route === null ? "" : ` on route ${document.route}`;
  const lines = [
    `batch ${document.batchId} ${document.status}${route}: ${plural(document.files.total, "file")}, ${byteSize(document.bytes)} in ${document.seconds.toFixed(1)} s`,
    ...(detail === undefined ? [] : [printable(detail)]),
    statusTable(document.files),
    `${plural(document.totalWords, "word")}, ${count(document.distinctWords)} distinct` +
      (document.overlongWords === 0 ? "" : `; ${count(document.overlongWords)} too long to count`),
    ...doubtfulLine(document),
    ...(document.words.length === 0 ? [] : [wordTable(document.words)]),
    ...exceptions.map(({ filename, status, reason }) => `${status}: ${printable(filename)}${reason === undefined ? "" : ` (${reason})`}`),
  ];
  const unnamed = document.files.total - document.files.processed - exceptions.length;
  if (exceptions.length > 0 && unnamed > 0) lines.push(`and ${plural(unnamed, "more file")} without a result`);
  if (folder !== undefined) lines.push(`results: ${printable(folder)}`);
  return `${lines.join("\n")}\n`;
}
