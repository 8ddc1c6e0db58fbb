import { mkdir, mkdtemp, rmdir, stat } from "node:fs/promises";
import path from "node:path";
import { isDoubtful, type FileResult } from "../../core/contracts/files";
import { RunFailedError, UsageError } from "../errors";
import { codeOf, messageOf } from "../system-error";
import { NAMED_DOUBTFUL } from "../run/doubtful-files";
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
  /** The first files that are doubtful. */
  readonly doubtful: readonly FileResult[];
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
    throw new UsageError(`can't write to '${existing}': ${messageOf(error)}`, "give a writable folder with --out", { cause: error });
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
    if (code !== "ENOTDIR")
      throw new UsageError(`can't use '${folder}' for results: ${messageOf(error)}`, "give a writable folder with --out", { cause: error });
  }
  throw new UsageError(`'${folder}' is not a folder`, "give a folder with --out");
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
  const doubtful: FileResult[] = [];
  let lineCount = 0;
  async function* lines(): AsyncGenerator<string> {
    for await (const result of results) {
      lineCount += 1;
      if (result.status !== "processed" && exceptions.length < NAMED_EXCEPTIONS) exceptions.push(result);
      if (isDoubtful(result) && doubtful.length < NAMED_DOUBTFUL) doubtful.push(result);
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
    [BATCH_FILE, [`${JSON.stringify(document)}\n`]],
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
  return { folder, exceptions, doubtful };
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

const WRITE_PROBLEMS: Readonly<Record<string, readonly [problem: string, fix: string]>> = {
  ENOSPC: ["the disk is full", "make room or give another folder with --out"],
  EDQUOT: ["the disk quota is used up", "make room or give another folder with --out"],
  EACCES: ["no permission to write", "give a writable folder with --out"],
  EPERM: ["no permission to write", "give a writable folder with --out"],
  EROFS: ["the file system is read-only", "give a writable folder with --out"],
  ENOTDIR: ["a part of the path is not a folder", "give another folder with --out"],
};

async function explainWrite<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const known = WRITE_PROBLEMS[codeOf(error)];
    if (known === undefined) throw error;
    throw new RunFailedError(`can't write results to '${folder}': ${known[0]}`, known[1], { cause: error });
  }
}
