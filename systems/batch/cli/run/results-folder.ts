import { codeOf } from "../../../../kit/folders/system-errors";
import { createWriteStream } from "node:fs";
import { lstat, rename } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type FileResult } from "../../contracts/files";
import { makeFolders } from "../../../../kit/folders/made-folders";
import { withTemporaryFolder } from "../../../../kit/folders/process-folder";
import { RunFailedError } from "../../../../kit/cli/command-errors";
import { jsonLine } from "../../../../kit/cli/json";
import { completeResults } from "./complete-results";
import { doubtOf, NAMED_DOUBTFUL } from "./doubtful-files";
import type { FinishedRun } from "./finished-run";
import { explainWrite } from "../../../../kit/cli/output/output-folder";

export const RESULTS_FILE = "results.jsonl";
export const RECEIPT_FILE = "receipt.json";
export const BATCH_FILE = "batch.json";
/** Every word of a batch as CSV, and the most frequent ones. */
export const WORDS_FILE = "words.csv";
export const TOP_WORDS_FILE = "top-words.csv";

/** How many files without a result the summary names; `results.jsonl` has them all. */
const NAMED_EXCEPTIONS = 10;

export interface WrittenResults {
  readonly folder: string;
  /** The first files that were not processed. */
  readonly exceptions: readonly FileResult[];
  /** The first files that are doubtful. */
  readonly doubtful: readonly FileResult[];
}

type Content = Iterable<string> | AsyncIterable<string>;
/** A file of the folder. */
export type Part = readonly [name: string, content: Content];
/** Writes a file that is not there yet, whole and to the disk; tests put a full disk here. */
export type WriteFile = (file: string, content: Content, signal: AbortSignal | undefined) => Promise<void>;

export const writeFile: WriteFile = (file, content, signal) =>
  pipeline(Readable.from(content), createWriteStream(file, { flags: "wx", flush: true }), signal === undefined ? {} : { signal });

/** Results that are being written lie in a folder of that name beside their places. */
const UNFINISHED_PREFIX = ".filemill-";

/**
 * Writes `results.jsonl`, `receipt.json` (bytes as stored), what goes with them and `batch.json` into `<out>/<batchId>/`: all of them
 * beside their places first, then each is put into its place, `batch.json` last as the mark that all is there. When writing fails, what was
 * there before is as it was, and what this call made is gone.
 *
 * @throws RunFailedError when the disk is full or the folder can't be written, or the number of results is not the batch's
 */
export async function writeResults(
  out: string,
  run: Pick<FinishedRun, "document" | "results" | "receipt">,
  {
    write = writeFile,
    signal,
    further = [],
  }: { readonly write?: WriteFile; readonly signal?: AbortSignal; readonly further?: readonly Part[] } = {},
): Promise<WrittenResults> {
  const folder = path.join(out, run.document.batchId);
  const takeBack = await explainWrite(folder, makeFolders(folder));
  const exceptions: FileResult[] = [];
  const doubtful: FileResult[] = [];
  const writing = withTemporaryFolder(folder, UNFINISHED_PREFIX, async (beside) => {
    const parts = partsOf(run, further, { exceptions, doubtful });
    // every rename below must succeed: half of a result over half of another one would be neither
    for (const [name] of parts) await refuseFolder(path.join(folder, name));
    for (const [name, content] of parts) await write(path.join(beside, name), content, signal);
    for (const [name] of parts) await rename(path.join(beside, name), path.join(folder, name));
  });
  try {
    await explainWrite(folder, writing);
  } catch (error) {
    await takeBack();
    throw error;
  }
  return { folder, exceptions, doubtful };
}

async function refuseFolder(file: string): Promise<void> {
  const there = await lstat(file).catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  });
  if (there?.isDirectory() !== true) return;
  throw new RunFailedError(`can't write results: '${file}' is a folder`, "move it, or give another folder with --out");
}

/** @param named takes the files that the summary names, while the results are written */
function partsOf(
  { document, results, receipt }: Pick<FinishedRun, "document" | "results" | "receipt">,
  further: readonly Part[],
  { doubtful, exceptions }: Readonly<Record<"doubtful" | "exceptions", FileResult[]>>,
): readonly Part[] {
  const isDoubtful = doubtOf(document);
  async function* lines(): AsyncGenerator<string> {
    for await (const result of completeResults(document.batchId, document.files.total, results)) {
      if (result.status !== "processed" && exceptions.length < NAMED_EXCEPTIONS) exceptions.push(result);
      if (isDoubtful(result) && doubtful.length < NAMED_DOUBTFUL) doubtful.push(result);
      yield `${JSON.stringify(result)}\n`;
    }
  }
  return [
    [RESULTS_FILE, lines()],
    ...(receipt === undefined ? [] : ([[RECEIPT_FILE, [receipt]]] as const)),
    ...further,
    [BATCH_FILE, [jsonLine(document)]],
  ];
}
