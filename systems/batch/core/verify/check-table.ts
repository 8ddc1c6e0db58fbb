import type { FileResult } from "../../contracts/files";
import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import type { BatchFile } from "../stored-batch/batch-files";
import type { FileItem, ResultStore } from "../../ports/result-store";
import { countsText } from "./counts-text";
import type { Finding } from "./verification";

/** Items asked for at a time: one BatchGetItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const FILES_AT_ONCE = 100;

interface Expected {
  readonly filename: string;
  readonly version: string;
  readonly counts: string;
}

/** Compares processed files with their items of the table `wordfreq`, in groups. */
export class TableCheck {
  private pending: Expected[] = [];
  private readonly counts = { files: 0, same: 0, newer: 0 };
  private wrong: string | undefined;

  /** @param optionsHash of the batch's options */
  public constructor(
    private readonly results: ResultStore,
    private readonly optionsHash: string,
  ) {}

  public async add({ file }: BatchFile, result: FileResult): Promise<void> {
    if (result.status !== "processed") return;
    this.pending.push({
      filename: `${file.bucket}/${file.key}`,
      version: versionOf({ ...file, optionsHash: this.optionsHash }),
      counts: countsOf(result),
    });
    if (this.pending.length === FILES_AT_ONCE) await this.compare();
  }

  public async finish(): Promise<Finding> {
    await this.compare();
    return { counts: this.counts, ...(this.wrong === undefined ? {} : { wrong: this.wrong }) };
  }

  private async compare(): Promise<void> {
    const expected = this.pending.splice(0);
    if (expected.length === 0) return;
    const stored = await this.results.get(expected.map(({ filename }) => filename));
    const items = new Map(stored.map((item) => [`${item.bucket}/${item.key}`, item]));
    for (const file of expected) this.compareOne(file, items.get(file.filename));
  }

  private compareOne({ counts, filename, version }: Expected, item: FileItem | undefined): void {
    this.counts.files += 1;
    if (item === undefined) {
      this.wrong ??= `${filename} was processed but has no item`;
      return;
    }
    const order = compareCodePoints(versionOf(item), version);
    if (order > 0) this.counts.newer += 1;
    else if (order < 0) this.wrong ??= `the item of ${filename} is older than what the batch processed: ${versionOf(item)}`;
    else if (countsOf(item) !== counts)
      this.wrong ??= `the item of ${filename} has other counts than the batch's result: ${countsOf(item)}`;
    else this.counts.same += 1;
  }
}

/** The order of one file's items: by last-modified, then ETag, then options hash (systems/batch/ports/result-store). */
const versionOf = ({ etag, lastModified, optionsHash }: Pick<FileItem, "etag" | "lastModified" | "optionsHash">): string =>
  [new Date(lastModified).toISOString(), etag, optionsHash].join("#");

/** A table's map of words has no order. */
const countsOf = (counts: Parameters<typeof countsText>[0]): string =>
  countsText({ ...counts, words: [...counts.words].sort((a, b) => compareCodePoints(a.word, b.word)) });
