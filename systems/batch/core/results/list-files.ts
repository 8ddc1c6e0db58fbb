import { QUARANTINE_REASONS, SKIP_REASONS, UNFINISHED_REASONS, fileResultSchema, type FileResult } from "../../contracts/files";
import type { BoundWorkload } from "../../../../workloads/bound-workload";
import { checkedFile } from "./checked-results";

/** What a file may be asked for by: its status; or that it is processed, but doubtful. */
export const FILE_KINDS = [...fileResultSchema.shape.status.options, "doubtful"] as const;
export type FileKind = (typeof FILE_KINDS)[number];

/** Every reason that a file's result may have. */
export const FILE_REASONS = [...SKIP_REASONS, ...QUARANTINE_REASONS, ...UNFINISHED_REASONS] as const;
export type FileReason = (typeof FILE_REASONS)[number];

/** Which of a batch's files are asked for. */
export interface FileChoice {
  /** @default every kind */
  readonly kinds?: readonly FileKind[];
  /** Only files with one of these. @default all, those without a reason too */
  readonly reasons?: readonly FileReason[];
}

/** A file's result, and whether its workload doubts it. */
export interface ListedFile extends FileResult {
  readonly doubtful: boolean;
}

/**
 * The files of a result that are asked for, in its order; memory does not depend on their number.
 *
 * @throws StoredFormatError when a file's result is not what the workload makes
 */
export async function* listFiles(
  results: AsyncIterable<FileResult>,
  choice: FileChoice,
  bound: Pick<BoundWorkload, "checkResult" | "isDoubtful">,
): AsyncGenerator<ListedFile, void> {
  for await (const stored of results) {
    const result = checkedFile(stored, bound);
    const file = { ...result, doubtful: result.status === "processed" && bound.isDoubtful(result.result) };
    if (isChosen(file, choice)) yield file;
  }
}

function isChosen(result: ListedFile, { kinds, reasons }: FileChoice): boolean {
  if (reasons !== undefined && (result.reason === undefined || !reasons.includes(result.reason))) return false;
  return kinds === undefined || kinds.some((kind) => (kind === "doubtful" ? result.doubtful : result.status === kind));
}
