import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import type { FileItem, ResultStore } from "../../ports/result-store";
import { atomically } from "../../../../kit/simulator/memory/atomically";

/** The table `wordfreq` in memory, with the same order of versions: text order of last-modified, ETag and options hash. */
export class MemoryResultStore implements ResultStore {
  /** By `bucket/key`. */
  public readonly items = new Map<string, FileItem>();

  public put(items: readonly FileItem[]): Promise<("stored" | "outdated")[]> {
    return atomically(() =>
      items.map((item) => {
        const filename = `${item.bucket}/${item.key}`;
        const stored = this.items.get(filename);
        if (stored !== undefined && compareCodePoints(versionOf(stored), versionOf(item)) > 0) return "outdated";
        this.items.set(filename, frozenItem(item));
        return "stored";
      }),
    );
  }

  public get(filenames: readonly string[]): Promise<FileItem[]> {
    return atomically(() => [...new Set(filenames)].flatMap((filename) => this.items.get(filename) ?? []));
  }
}

const versionOf = ({ lastModified, etag, optionsHash }: FileItem): string => [timeOf(lastModified), etag, optionsHash].join("#");

const timeOf = (lastModified: string): string => new Date(lastModified).toISOString();

/** As the table gives it back: a copy that nobody changes. */
const frozenItem = (item: FileItem): FileItem =>
  Object.freeze({ ...item, lastModified: timeOf(item.lastModified), attributes: Object.freeze(structuredClone(item.attributes)) });
