import { mkdir, mkdtemp, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import type { FileResult } from "../../core/contracts/files";
import { RunFailedError, UsageError } from "../errors";
import { jsonLine } from "../json";
import { codeOf, outputPlace, unwritable } from "../system-error";
import type { FinishedRun } from "../run/finished-run";
import { realFiles, writeAtomically } from "./atomic-file";
import type { FileOperations } from "./atomic-file";

export const RESULTS_FILE = "results.jsonl";
export const RECEIPT_FILE = "receipt.json";
export const BATCH_FILE = "batch.json";

/** How many files without a result the summary names; `results.jsonl` has them all. */
const NAMED_EXCEPTIONS = 10;

export interface WrittenResults {
  readonly folder: string;
  /** The first files that were not processed. */
  readonly exceptions: readonly FileResult[];
}

/**
 * Tries whether results can be written below a folder that may not exist yet, and leaves nothing behind.
 *
 * @throws UsageError
 */
export async function checkOutputFolder(folder: string): Promise<void> {
  const existing = await nearestExisting(folder);
  try {
    await rmdir(await mkdtemp(path.join(existing, ".filemill-")));
  } catch (error) {
    throw unwritable(outputPlace(existing), error, UsageError);
  }
}

async function nearestExisting(folder: string): Promise<string> {
  try {
    const stats = await stat(folder);
    if (stats.isDirectory()) return folder;
  } catch (error) {
    const code = codeOf(error);
    const parent = path.dirname(folder);
    if (code === "ENOENT" && parent !== folder) return nearestExisting(parent);
    if (code !== "ENOTDIR") throw unwritable(outputPlace(folder), error, UsageError);
  }
  throw new UsageError(`'${folder}' is not a folder`, "give another folder with --out");
}

/**
 * Writes `results.jsonl`, `receipt.json` (bytes as stored) and at last `batch.json` into `<out>/<batchId>/`. `batch.json` is the mark
 * that all is there; when anything fails, what this call wrote is removed.
 *
 * @throws RunFailedError when the disk is full or the folder can't be written, or the number of results is not the batch's
 */
export async function writeResults(
  out: string,
  { document, results, receipt }: Pick<FinishedRun, "document" | "results" | "receipt">,
  { files = realFiles, signal }: { readonly files?: FileOperations; readonly signal?: AbortSignal } = {},
): Promise<WrittenResults> {
  const folder = path.join(out, document.batchId);
  const created = await explainWrite(folder, mkdir(folder, { recursive: true }));
  const exceptions: FileResult[] = [];
  let lineCount = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const result of results) {
      lineCount += 1;
      if (result.status !== "processed" && exceptions.length < NAMED_EXCEPTIONS) exceptions.push(result);
      yield `${JSON.stringify(result)}\n`;
    }
    if (lineCount !== document.files.total) {
      throw new RunFailedError(
        `batch ${document.batchId} has ${document.files.total} files, but results of ${lineCount}`,
        "this is a fault of the stack; keep the batch and report it",
      );
    }
  }
  const parts: [name: string, content: Iterable<string> | AsyncIterable<string>][] = [
    [RESULTS_FILE, lines()],
    ...(receipt === undefined ? [] : [[RECEIPT_FILE, [receipt]] satisfies [string, string[]]]),
    [BATCH_FILE, [jsonLine(document)]],
  ];
  const written: string[] = [];
  try {
    for (const [name, content] of parts) {
      await explainWrite(folder, writeAtomically(path.join(folder, name), content, files, signal));
      written.push(path.join(folder, name));
    }
  } catch (error) {
    for (const file of written) await files.remove(file);
    if (created !== undefined) await removeEmpty(folder, path.dirname(created));
    throw error;
  }
  return { folder, exceptions };
}

/** Removes the folders this run made, from the innermost up to (not including) the one that was there before. */
async function removeEmpty(folder: string, before: string): Promise<void> {
  for (let current = folder; current !== before; current = path.dirname(current)) {
    try {
      await rmdir(current);
    } catch (error) {
      if (codeOf(error) === "ENOTEMPTY" || codeOf(error) === "ENOENT") return;
      throw error;
    }
  }
}

async function explainWrite<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw unwritable(outputPlace(folder), error);
  }
}
