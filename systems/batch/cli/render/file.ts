import { isDoubtful } from "../../../../workloads/word-count/results";
import type { UploadException } from "../../ports/ledger";
import type { FileItem } from "../../ports/result-store";
import { itemResult } from "../../core/results/checked-results";
import { fileWordsIn } from "../../../../workloads/word-count/view";
import { totalTable } from "./batch";
import { invalidShare } from "./doubtful";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";

/** The newest result of one file, or why it has none. */
export function renderFile(filename: string, found: FileItem | UploadException, width: number): string {
  const head = `${printable(filename)}: ${byteSize(found.size)}, last modified ${found.lastModified}`;
  if ("status" in found) return `${head}\n${found.status} (${found.reason})\n`;
  const result = itemResult(found);
  const words = fileWordsIn({ name: found.workload }, result);
  if (words === undefined)
    return `${head}\n${JSON.stringify(result, undefined, 2)
      .split("\n")
      .map((line) => printable(line))
      .join("\n")}\n`;
  const sums = `${plural(words.totalWords, "word")}, ${count(words.distinctWords)} distinct`;
  const doubt = isDoubtful(words) ? [`warning: ${invalidShare(words)}, so its words may be wrong`] : [];
  const table = { columns: ["word", "count"], rows: words.words.map((each) => [each.word, each.count]) };
  return `${[head, sums, ...doubt, ...(table.rows.length === 0 ? [] : [totalTable(table, width)])].join("\n")}\n`;
}
