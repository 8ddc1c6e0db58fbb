import { z } from "zod";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { WorkloadResultError } from "../../../../workloads/checked-work";
import { schemaProblem } from "../../../../kit/lib/schema-problem";
import { StoredFormatError } from "../../../../kit/lib/stored-json";
import type { BatchResult, FileResult } from "../../contracts/files";
import type { FileItem } from "../../ports/result-store";

/**
 * The result that a file's item of the table holds.
 *
 * @throws StoredFormatError when it holds none of its workload; UnknownWorkloadError
 */
export const itemResult = ({ attributes, bucket, key, workload }: FileItem): unknown =>
  checked(`the item of ${bucket}/${key}`, () => BoundWorkload.resultOfItem(workload, attributes));

/**
 * A stored line whose result, if it is of a processed file, is one of its batch's workload.
 *
 * @throws StoredFormatError
 */
export function checkedFile(file: FileResult, bound: Pick<BoundWorkload, "checkResult">): FileResult {
  if (file.status === "processed") checked(`the stored result of '${file.filename}'`, () => bound.checkResult(file.result));
  return file;
}

/**
 * A stored result whose total is one of its workload.
 *
 * @throws StoredFormatError; UnknownWorkloadError, WorkloadOptionsError
 */
export function checkedBatch(result: BatchResult, where: string): BatchResult {
  const bound = BoundWorkload.ofRecord(result.workload);
  checked(where, () => bound.checkTotal(result.result));
  return result;
}

function checked(where: string, check: () => unknown): unknown {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof z.ZodError || error instanceof WorkloadResultError)) throw error;
    const problem = error instanceof z.ZodError ? schemaProblem(error) : error.message;
    throw new StoredFormatError(`${where} is not what its workload makes: ${problem}`, { cause: error });
  }
}
