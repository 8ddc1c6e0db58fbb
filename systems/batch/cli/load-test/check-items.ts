import { createReadStream } from "node:fs";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import type { ScanFigures } from "../../../../kit/ports/table-scan";
import type { FileWords } from "../../../../workloads/word-count/results";
import type { WordCountOptions } from "../../../../workloads/word-count/options";
import { wordCount } from "../../../../workloads/word-count/workload";
import type { FileItem } from "../../ports/result-store";
import { tableFilename } from "../../core/results/watch-upload";
import { scanUnits, sizeOfItem } from "./item-size";
import type { SentFile } from "./send-load";
import type { Services } from "../services";

/** What the table holds of the load, against what the same files come to when they are counted here. */
export interface ItemCheck {
  readonly files: number;
  /** Files that have an item; a table has one a key at most. */
  readonly items: number;
  /** Items that differ from the count that was made here, with the first difference. */
  readonly wrong: readonly { readonly name: string; readonly problem: string }[];
  /** Files without an item, and why where the ledger knows. */
  readonly missing: readonly { readonly name: string; readonly problem: string }[];
  readonly totalWords: number;
  /** Of a Scan for the run's items (requirement S1.81). */
  readonly scan: ScanFigures;
  /** Bytes of the items by DynamoDB's rules, and what reading them by a Scan takes at eventual consistency. */
  readonly itemBytes: number;
  readonly estimatedReadUnits: number;
}

/** What counting a file may take; more goes to disk. */
const MEMORY_BYTES = 64 * 1_048_576;
/** Pages of a Scan, of 1 MB each: 2,560 read capacity units at most. */
const SCANNED_PAGES = 20;

/** Reads all items of the load, and counts each file once more. */
export async function checkItems(
  { decompressor, ledger, loadTest, outputs, results }: Pick<Services, "decompressor" | "ledger" | "loadTest" | "outputs" | "results">,
  files: readonly SentFile[],
  prefix: string,
  options: WordCountOptions,
  {
    directory,
    onChecked,
    signal,
  }: { readonly directory: string; readonly onChecked: (done: number) => void; readonly signal: AbortSignal },
): Promise<ItemCheck> {
  const bucket = outputs.processing_bucket;
  const filenameOf = ({ key }: SentFile): string => tableFilename({ bucket, key });
  const items = new Map((await results.get(files.map(filenameOf))).map((item) => [tableFilename(item), item]));
  const session = await wordCount.open(options, { directory, artefact: () => Promise.reject(new Error("word count has no artefacts")) });
  const [wrong, missing]: [{ name: string; problem: string }[], { name: string; problem: string }[]] = [[], []];
  let totalWords = 0;
  try {
    for (const [index, file] of files.entries()) {
      signal.throwIfAborted();
      const item = items.get(filenameOf(file));
      if (item === undefined) {
        const exception = await ledger.getUploadException(filenameOf(file));
        const problem = exception === undefined ? "no item" : `no item: ${exception.status} as ${exception.reason}`;
        missing.push({ name: file.name, problem });
      } else {
        const worked = await session.work(
          { key: file.key, size: file.size, body: createReadStream(file.path) },
          { memoryBytes: MEMORY_BYTES, directory, decompressor, decompressionLimitBytes: Number.MAX_SAFE_INTEGER, signal },
        );
        const problem = worked.status === "processed" ? problemOf(item, worked.result) : `counted here it is ${worked.status}`;
        if (problem !== undefined) wrong.push({ name: file.name, problem });
        if (worked.status === "processed") {
          totalWords += worked.result.totalWords;
          await worked.partial?.dispose();
        }
      }
      onChecked(index + 1);
    }
  } finally {
    await session.dispose();
  }
  const scan = await loadTest.table.count(tableFilename({ bucket, key: prefix }), SCANNED_PAGES);
  const itemBytes = [...items.values()].reduce((sum, item) => sum + sizeOfItem(item), 0);
  return { files: files.length, items: items.size, wrong, missing, totalWords, scan, itemBytes, estimatedReadUnits: scanUnits(itemBytes) };
}

/** The total first: a difference there says most. */
export function problemOf({ attributes, workload }: Pick<FileItem, "attributes" | "workload">, expected: FileWords): string | undefined {
  if (workload !== wordCount.name) return `workload ${workload} made it; the test counts words`;
  const found = wordCount.item?.fromAttributes(attributes);
  if (found === undefined) return "it is no count";
  if (found.totalWords !== expected.totalWords) return `${found.totalWords} words, counted here ${expected.totalWords}`;
  const [stored, counted] = [canonicalJson(found), canonicalJson(expected)];
  return stored === counted ? undefined : `the item says ${stored}, counted here ${counted}`;
}

/** Whether each file has its one item, as it should be, and the table no other of the run. */
export const holds = ({ files, items, missing, scan, wrong }: ItemCheck): boolean =>
  wrong.length === 0 && missing.length === 0 && items === files && (!scan.isWhole || scan.returned === files);
