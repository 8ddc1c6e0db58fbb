import type { FileItem, ResultStore } from "../../../core/ports/result-store";

/** The table `wordfreq` as a map by file name, with the same order of versions. */
export class InMemoryResultStore implements ResultStore {
  public readonly items = new Map<string, FileItem>();

  public put(items: readonly FileItem[]): Promise<("stored" | "outdated")[]> {
    return Promise.resolve(
      items.map((item) => {
        const filename = `${item.bucket}/${item.key}`;
        const stored = this.items.get(filename);
        if (stored !== undefined && versionOf(stored) > versionOf(item)) return "outdated";
        this.items.set(filename, item);
        return "stored";
      }),
    );
  }
  public get(filenames: readonly string[]): Promise<FileItem[]> {
    return Promise.resolve(
      [...new Set(filenames)].flatMap((filename) => {
        const item = this.items.get(filename);
        return item === undefined ? [] : [item];
      }),
    );
  }
}

const versionOf = ({ lastModified, etag, optionsHash }: FileItem): string =>
  [new Date(lastModified).toISOString(), etag, optionsHash].join("#");
