import type { ReadonlyFileWords } from "../../../workloads/word-count/results";
import type { FileIdentity } from "../../../kit/ports/object-identity";

/** The newest view of one file: an item of the table `wordfreq`. */
export interface FileItem extends FileIdentity, ReadonlyFileWords {
  /** Identifies the workload options the counts were made with. */
  readonly optionsHash: string;
  readonly batchId?: string;
}

export interface ResultStore {
  /**
   * Puts each item unless the table holds a newer one (by last-modified, then ETag, then options hash: a total order).
   *
   * @returns for each item `stored` or `outdated`
   */
  put(items: readonly FileItem[]): Promise<("stored" | "outdated")[]>;
  /** @returns the stored items of those keys that have one, in any order */
  get(filenames: readonly string[]): Promise<FileItem[]>;
}
