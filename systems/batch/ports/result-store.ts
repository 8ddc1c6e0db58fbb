import type { FileIdentity } from "../../../kit/ports/object-identity";

/** The newest view of one file: an item of the table `wordfreq`. */
export interface FileItem extends FileIdentity {
  /** Name of the workload that made it. */
  readonly workload: string;
  /** The result as the workload lays it into the table (`Workload.item`). */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Identifies the workload and the options that the result was made with (`BoundWorkload.hash`). */
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
