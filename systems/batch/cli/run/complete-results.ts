import type { FileResult } from "../../contracts/files";
import { RunFailedError } from "../../../../kit/cli/command-errors";

/** Files' results as they come. @throws RunFailedError at the end, when they are not as many as the batch has files */
export async function* completeResults(
  batchId: string,
  total: number,
  results: AsyncIterable<FileResult>,
): AsyncGenerator<FileResult, void> {
  let found = 0;
  for await (const result of results) {
    found += 1;
    yield result;
  }
  if (found === total) return;
  throw new RunFailedError(
    `batch ${batchId} has ${total} files, but results of ${found}`,
    "this is a fault of the stack; keep the batch and report it",
  );
}
