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
 * What is new or changed against an earlier submission, by name and content (SHA-256). Memory is one line of the earlier list.
 *
 * @param batch one that brought its files along
 * @param files sorted by name (UTF-8 bytes)
 * @throws SubmissionListMissingError, BatchStateError
 */
export async function changedSince(
  store: ObjectStore,
  stateBucket: string,
  batch: BatchRecord,
  files: readonly HashedFile[],
): Promise<Difference> {
  const changed: HashedFile[] = [];
  let position = 0;
  let unchanged = 0;
  let gone = 0;
  for await (const before of submittedFiles(store, stateBucket, batch)) {
    const name = Buffer.from(before.name);
    let given = files[position];
    for (; given !== undefined && Buffer.compare(Buffer.from(given.name), name) < 0; given = files[position]) {
      changed.push(given);
      position += 1;
    }
    if (given?.name !== before.name) {
      gone += 1;
      continue;
    }
    if (given.sha256 === before.sha256) unchanged += 1;
    else changed.push(given);
    position += 1;
  }
  return { files: [...changed, ...files.slice(position)], unchanged, gone };
}
