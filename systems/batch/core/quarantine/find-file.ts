import type { BatchSource, GenerationRef } from "../../contracts/batch";
import { manifestLineSchema, type FileResult, type ManifestLine } from "../../contracts/files";
import { manifestKey } from "../../contracts/state-keys";
import { BatchStateError } from "../stored-batch/errors";
import { latestPlanned } from "../stored-batch/batch-files";
import { generationsUpTo } from "../stored-batch/generations-up-to";
import type { Ledger } from "../../ports/ledger";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readFileResults } from "../results/batch-results";
import { readJsonLines } from "../../../../kit/lib/read-json-lines";
import { filenameIn } from "../sources/batch-sources";

/** One file of a batch: what the plan froze of it, and what became of it. */
export interface FoundFile {
  readonly line: ManifestLine;
  readonly result: FileResult;
}

/** The generation has no file of that name. */
export class UnknownFileError extends Error {
  public override readonly name = "UnknownFileError";
  public readonly fix = "write the name as `filemill quarantine list BATCH` shows it, or as it is in results.jsonl";
  public constructor(ref: GenerationRef, filename: string) {
    super(`batch ${ref.batchId} (generation ${ref.generation}) has no file '${filename}'`);
  }
}

/**
 * Looks a file up in a reported generation, by its name in results (systems/batch/core/sources/batch-sources.ts).
 *
 * @throws UnknownFileError, BatchStateError, ObjectMissingError, StoredFormatError
 */
export async function findFile(
  { ledger, objects, stateBucket }: { readonly ledger: Ledger; readonly objects: ObjectStore; readonly stateBucket: string },
  { ref, sources, filename }: { readonly ref: GenerationRef; readonly sources: readonly BatchSource[]; readonly filename: string },
  signal?: AbortSignal,
): Promise<FoundFile> {
  const result = await findResult(readFileResults(objects, stateBucket, ref, signal), filename);
  if (result === undefined) throw new UnknownFileError(ref, filename);
  // a generation that was closed before it was planned has no manifest of its own
  const planned = latestPlanned(await generationsUpTo(ledger, ref));
  if (planned === undefined) throw new BatchStateError(`batch ${ref.batchId} has results, but no generation of it was planned`);
  for await (const { value: line } of readJsonLines(objects, stateBucket, manifestKey(planned, planned.plan), manifestLineSchema)) {
    signal?.throwIfAborted();
    if (filenameIn(sources, line) === filename) return { line, result };
  }
  throw new BatchStateError(
    `'${filename}' has a result in generation ${ref.generation} of batch ${ref.batchId}, but no line in its manifest`,
  );
}

async function findResult(results: AsyncIterable<FileResult>, filename: string): Promise<FileResult | undefined> {
  for await (const result of results) if (result.filename === filename) return result;
  return undefined;
}
