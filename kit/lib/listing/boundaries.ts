import { compareCodePoints } from "../compare-code-points";
import type { ListedObject, ObjectStore } from "../../ports/object-store";
import { countChildren, DELIMITER, folderAbove, sharedFolder } from "./folder-of";

/** Pages that a range is to have: each range costs a request besides, for the page that goes over its end. */
const PAGES_PER_RANGE = 16;
/** Pages of the last range after which boundaries are looked for again; twice as many after each time that there were none. */
const FIRST_WAIT_PAGES = 4;
/**
 * Folders in a page up to which it is worth to look for the next ones beside them: a request finds a thousand, so at least 60 pages. Of
 * smaller ones the folder above them is looked at.
 */
const MAXIMUM_CHILDREN = 16;

/** Whole folders that say how large the next ones are; before, each is taken for a range of its own. */
const KNOWN_CHILDREN = 3;
/** What a look should find; after one that found less, the folder above is looked at. A range for each request that may be under way. */
const WORTHWHILE_PAGES = 128;

/** Keys behind `after`, up to and with `end`. */
export interface Stretch {
  /** Absent: from the first key on. */
  readonly after: string | undefined;
  /** Absent: to the last key. */
  readonly end: string | undefined;
}

/**
 * Where a listing can be divided: at folders behind what is listed so far. Folders of which level, and every how manieth of them, follows
 * from the keys that were listed.
 */
export class Boundaries {
  /** In key order. */
  private found: readonly string[] = [];
  /** Keys, and boundaries passed on the way. */
  private passed = { keys: 0, boundaries: 0 };
  private keysPerPage = 1;
  /** Of the last range, since boundaries were looked for: the first key, the last pages, and how many there were. */
  private span: { first: string; pages: (readonly ListedObject[])[]; count: number } | undefined;
  private waitPages = FIRST_WAIT_PAGES;
  /** How many levels above the folder that holds all of the span is looked next. */
  private levelsUp = 0;

  public constructor(
    private readonly store: Pick<ObjectStore, "listPage">,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  /** Hears of a page of any range. @param listed behind which key, and the range's end if that was reached */
  public listed(objects: readonly ListedObject[], { after, end }: Stretch, isLast: boolean): void {
    const first = objects[0];
    const last = end ?? objects.at(-1)?.key;
    this.keysPerPage = Math.max(this.keysPerPage, objects.length);
    const before = after === undefined ? 0 : this.indexBehind(after);
    // before the first boundary there is none to be passed
    if (before > 0 && last !== undefined) {
      const { boundaries, keys } = this.passed;
      this.passed = { keys: keys + objects.length, boundaries: boundaries + this.indexBehind(last) - before };
    }
    if (!isLast || first === undefined) return;
    this.span ??= { first: first.key, pages: [], count: 0 };
    this.span.pages.push(objects);
    this.span.count += 1;
    if (this.span.pages.length > FIRST_WAIT_PAGES) this.span.pages.shift();
  }

  /** Pages that a range comes to: more than wished for where folders are larger. */
  public get pagesPerRange(): number {
    return Math.max(PAGES_PER_RANGE, this.keysPerBoundary / this.keysPerPage);
  }

  /** Where a stretch can be divided, so that its first part is a range. @returns undefined: nowhere that is known of, or it is short */
  public within({ after, end }: Stretch): string | undefined {
    const from = after === undefined ? 0 : this.indexBehind(after);
    const to = end === undefined ? this.found.length : this.indexBehind(end) - 1;
    const step = Math.max(1, Math.round((PAGES_PER_RANGE * this.keysPerPage) / this.keysPerBoundary));
    const at = end === undefined ? Math.min(from + step, to) - 1 : from + step - 1;
    return at >= from && at < to ? this.found[at] : undefined;
  }

  /** Hears that the last range is another one now. */
  public began(): void {
    this.span = undefined;
  }

  /** Whether enough of the last range is listed to look for more of them. */
  public get isDue(): boolean {
    return this.span !== undefined && this.span.count >= this.waitPages;
  }

  /** Looks for boundaries behind what is listed of the last range, in one request. @throws as `ObjectStore.listPage` */
  public async look(): Promise<void> {
    const pages = this.span?.pages ?? [];
    const last = pages.at(-1)?.at(-1);
    if (this.span === undefined || last === undefined) return;
    const folder = this.folderOf(this.span.first, last.key, pages.at(-1) ?? []);
    this.span = undefined;
    const { folders } = await this.store.listPage(this.bucket, folder, { after: last.key, delimiter: DELIMITER });
    const found = folders.filter((boundary) => compareCodePoints(boundary, last.key) > 0);
    if (found.length === 0) {
      this.waitPages *= 2;
      this.levelsUp = folder === this.prefix ? 0 : this.levelsUp + 1;
      return;
    }
    this.found = found;
    this.waitPages = FIRST_WAIT_PAGES;
    const keys = pages.flatMap((page) => page.map(({ key }) => key)).filter((key) => key.startsWith(folder));
    // the last folder goes on behind these keys; of too few that are whole nothing is concluded: they may be the small ones
    const whole = countChildren(folder, keys) - 1;
    this.passed =
      whole < KNOWN_CHILDREN ? { keys: PAGES_PER_RANGE * this.keysPerPage, boundaries: 1 } : { keys: keys.length, boundaries: whole };
    const pagesFound = (found.length * this.keysPerBoundary) / this.keysPerPage;
    this.levelsUp = pagesFound < WORTHWHILE_PAGES && folder !== this.prefix ? this.levelsUp + 1 : 0;
  }

  private folderOf(first: string, last: string, page: readonly ListedObject[]): string {
    let folder = sharedFolder(this.prefix, first, last);
    for (let level = 0; level < this.levelsUp; level += 1) folder = folderAbove(this.prefix, folder);
    const keys = page.map(({ key }) => key);
    while (folder !== this.prefix && countChildren(folder, keys) > MAXIMUM_CHILDREN) folder = folderAbove(this.prefix, folder);
    return folder;
  }

  private get keysPerBoundary(): number {
    return this.passed.keys / Math.max(1, this.passed.boundaries);
  }

  /** Index of the first boundary behind a key. */
  private indexBehind(key: string): number {
    let low = 0;
    let high = this.found.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareCodePoints(this.found[middle] ?? "", key) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
