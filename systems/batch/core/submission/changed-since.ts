import type { BatchRecord } from "../../contracts/ledger-rows";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import type { HashedFile } from "./submission";
import { submittedFiles } from "../stored-batch/submission-list";

export interface Difference {
  /** Those that the earlier batch has not, or has with another content. */
  readonly files: readonly HashedFile[];
  readonly unchanged: number;
  /** Files of the earlier batch that are not among those given. */
  readonly gone: number;
}

/**
 * What is new or changed against an earlier submission, by name and content (SHA-256). Of the earlier list memory is one line.
 *
 * @param batch one that brought its files along
 * @throws SubmissionListMissingError, BatchStateError
 */
export async function changedSince(
  store: ObjectStore,
  stateBucket: string,
  batch: BatchRecord,
  files: readonly HashedFile[],
): Promise<Difference> {
  const given = new Map(files.map((file) => [file.name, file]));
  const unchanged = new Set<string>();
  let gone = 0;
  for await (const { name, sha256 } of submittedFiles(store, stateBucket, batch)) {
    const now = given.get(name);
    if (now === undefined) gone += 1;
    else if (now.sha256 === sha256) unchanged.add(name);
  }
  return { files: files.filter(({ name }) => !unchanged.has(name)), unchanged: unchanged.size, gone };
}
