import { isDoubtful } from "../../../../workloads/word-count/results";
import type { UploadException } from "../../ports/ledger";
import type { FileItem } from "../../ports/result-store";
import { wordTable } from "./batch";
import { invalidShare } from "./doubtful";
import { byteSize, count, plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/cli/render/printable";

/** The newest result of one file, or why it has none. */
export function renderFile(filename: string, found: FileItem | UploadException, width: number): string {
  const head = `${printable(filename)}: ${byteSize(found.size)}, last modified ${found.lastModified}`;
  if ("status" in found) return `${head}\n${found.status} (${found.reason})\n`;
  const words = `${plural(found.totalWords, "word")}, ${count(found.distinctWords)} distinct`;
  const doubt = isDoubtful(found) ? [`warning: ${invalidShare(found)}, so its words may be wrong`] : [];
  return `${[head, words, ...doubt, ...(found.words.length === 0 ? [] : [wordTable(found.words, width)])].join("\n")}\n`;
}
