import { QUARANTINE_REASONS, SKIP_REASONS, UNFINISHED_REASONS, fileResultSchema, type FileResult } from "../../contracts/files";
import { isDoubtful } from "../../../../workloads/word-count/results";

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

/** A file's result, and whether its words may be wrong. */
export interface ListedFile extends FileResult {
  readonly doubtful: boolean;
}

/** The files of a result that are asked for, in its order; memory does not depend on their number. */
export async function* listFiles(results: AsyncIterable<FileResult>, choice: FileChoice): AsyncGenerator<ListedFile, void> {
  for await (const result of results) {
    if (isChosen(result, choice)) yield { ...result, doubtful: isDoubtful(result) };
  }
}

function isChosen(result: FileResult, { kinds, reasons }: FileChoice): boolean {
  if (reasons !== undefined && (result.reason === undefined || !reasons.includes(result.reason))) return false;
  return kinds === undefined || kinds.some((kind) => (kind === "doubtful" ? isDoubtful(result) : result.status === kind));
}
