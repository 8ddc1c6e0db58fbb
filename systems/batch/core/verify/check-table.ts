import type { FileResult } from "../../contracts/files";
import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import type { BatchFile } from "../stored-batch/batch-files";
import type { FileItem, ResultStore } from "../../ports/result-store";
import { BoundWorkload } from "../../../../workloads/bound-workload";
import { itemResult } from "../results/checked-results";
import { StoredFormatError } from "../../../../kit/lib/stored-json";
import { canonicalJson } from "../../../../kit/lib/canonical-json";
import type { Finding } from "./verification";

/** Items asked for at a time: one BatchGetItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html */
const FILES_AT_ONCE = 100;

interface Expected {
  readonly filename: string;
  readonly version: string;
  readonly result: string;
}

/** Compares processed files with their items of the table `wordfreq`, in groups. */
export class TableCheck {
  private pending: Expected[] = [];
  private readonly counts = { files: 0, same: 0, newer: 0 };
  private wrong: string | undefined;

  public constructor(
    private readonly results: ResultStore,
    private readonly bound: BoundWorkload,
  ) {}

  public async add({ file }: BatchFile, result: FileResult): Promise<void> {
    if (result.status !== "processed") return;
    this.pending.push({
      filename: `${file.bucket}/${file.key}`,
      version: versionOf({ ...file, optionsHash: this.bound.hash }),
      result: textOf(this.bound, result.result),
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

  private compareOne({ filename, result, version }: Expected, item: FileItem | undefined): void {
    this.counts.files += 1;
    if (item === undefined) {
      this.wrong ??= `${filename} was processed but has no item`;
      return;
    }
    const order = compareCodePoints(versionOf(item), version);
    if (order > 0) this.counts.newer += 1;
    else if (order < 0) this.wrong ??= `the item of ${filename} is older than what the batch processed: ${versionOf(item)}`;
    else if (this.textIn(item) !== result)
      this.wrong ??= `the item of ${filename} has another result than the batch: ${canonicalJson(item.attributes)}`;
    else this.counts.same += 1;
  }

  /** @returns undefined when it holds no result of the batch's workload */
  private textIn(item: FileItem): string | undefined {
    if (item.workload !== this.bound.name) return undefined;
    try {
      return canonicalJson(itemResult(item));
    } catch (error) {
      if (error instanceof StoredFormatError) return undefined;
      throw error;
    }
  }
}

/** The order of one file's items: by last-modified, then ETag, then options hash (systems/batch/ports/result-store). */
const versionOf = ({ etag, lastModified, optionsHash }: Pick<FileItem, "etag" | "lastModified" | "optionsHash">): string =>
  [new Date(lastModified).toISOString(), etag, optionsHash].join("#");

/** A result as it comes out of the table: there a map has no order. */
const textOf = (bound: BoundWorkload, result: unknown): string =>
  canonicalJson(BoundWorkload.resultOfItem(bound.name, bound.toAttributes(result)));
