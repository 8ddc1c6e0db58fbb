import { compareCodePoints } from "../compare-code-points";
import type { ListedObject, ObjectStore } from "../../ports/object-store";
import { Boundaries } from "./boundaries";

/** S3 takes 5,500 a second on a prefix. https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html */
export const REQUESTS_AT_ONCE = 8;
/** Of one listing: 64,000 objects of 300 to 1,000 bytes each. Twice as many make a long listing a third faster. */
export const PAGES_AHEAD = 64;
/** Pages that are listed one after the other before anything is divided: most listings end before. */
const SERIAL_PAGES = 8;
/** Requests that a serial listing wouldn't make: so many at first, and then one in so many. */
const FREE_EXTRAS = 8;
const REQUESTS_PER_EXTRA = 13;

/** Keys behind `after`, up to where the next range begins. */
interface Range {
  /** Absent: from the prefix on. */
  readonly after: string | undefined;
  /** Last key that is listed. */
  position: string | undefined;
  readonly pages: (readonly ListedObject[])[];
  continuation: string | undefined;
  isDone: boolean;
  /** Thrown when its turn comes. */
  failure: { readonly error: unknown } | undefined;
  /** Never rejects. */
  underWay: Promise<void> | undefined;
}

/**
 * What `ObjectStore.list` gives, a page at a time in the same order, with up to eight requests at a time: S3 lists one range of keys
 * serially, a thousand a request, so a long listing is divided at folders (`Boundaries`) into ranges that are listed side by side. Where
 * there are no folders it is serial.
 *
 * | bounded | by |
 * | --- | --- |
 * | memory | `pagesAhead`; the range whose turn it is may have one page more |
 * | requests besides those of a serial listing | 8, and one in 13 |
 *
 * @param pagesAhead held before their turn, those under way included
 * @throws as `ObjectStore.list`, when the turn of the range that failed comes
 */
export async function* listInParallel(
  store: Pick<ObjectStore, "listPage">,
  bucket: string,
  prefix: string,
  pagesAhead = PAGES_AHEAD,
): AsyncGenerator<readonly ListedObject[]> {
  const listing = new ParallelListing(store, bucket, prefix, pagesAhead);
  try {
    for (let page = await listing.next(); page !== undefined; page = await listing.next()) yield page;
  } finally {
    await listing.end();
  }
}

class ParallelListing {
  private readonly ranges: Range[] = [rangeAfter(undefined)];
  private readonly boundaries: Boundaries;
  private looking: Promise<void> | undefined;
  private requests = 0;
  private extras = 0;
  private held = 0;
  private underWay = 0;
  private mayDivide = true;
  private isEnded = false;

  public constructor(
    private readonly store: Pick<ObjectStore, "listPage">,
    private readonly bucket: string,
    private readonly prefix: string,
    private readonly pagesAhead: number,
  ) {
    this.boundaries = new Boundaries(store, bucket, prefix);
  }

  public async next(): Promise<readonly ListedObject[] | undefined> {
    for (;;) {
      const [first] = this.ranges;
      if (first === undefined) return undefined;
      const page = first.pages.shift();
      if (page !== undefined) {
        this.held -= 1;
        return page;
      }
      if (first.failure !== undefined) throw first.failure.error;
      if (first.isDone) {
        this.ranges.shift();
        continue;
      }
      // not before somebody waits: of most listings only the first page is wanted
      if (first.underWay === undefined) this.list(first);
      this.fill();
      await first.underWay;
    }
  }

  /** Asks for nothing more, and waits for what is under way, so that nothing runs on behind the caller's back. */
  public async end(): Promise<void> {
    this.isEnded = true;
    await Promise.all([...this.ranges.map(({ underWay }) => underWay), this.looking]);
  }

  /** Keeps requests under way, those for what is needed first before others. */
  private fill(): void {
    if (this.isEnded || this.requests < SERIAL_PAGES) return;
    for (const range of this.ranges) {
      if (!this.hasRoom()) return;
      if (range.underWay === undefined && !range.isDone && range.failure === undefined) this.list(range);
    }
    while (this.hasRoom() && this.mayDivide && this.extras < FREE_EXTRAS + this.requests / REQUESTS_PER_EXTRA) {
      // as many as there is room for in whole: parts of many would be held, and the first of them still be waited for
      if (this.ranges.length > Math.max(1, this.pagesAhead / this.boundaries.pagesPerRange)) return;
      if (!this.divide()) {
        this.lookAgain();
        return;
      }
    }
  }

  /** Begins a range within the first one that is long enough. */
  private divide(): boolean {
    for (const [index, divided] of this.ranges.entries()) {
      if (divided.isDone || divided.failure !== undefined) continue;
      const boundary = this.boundaries.within({ after: divided.position, end: this.endOf(divided) });
      if (boundary === undefined) continue;
      const range = rangeAfter(boundary);
      this.ranges.splice(index + 1, 0, range);
      if (index + 2 === this.ranges.length) this.boundaries.began();
      this.extras += 1;
      this.list(range);
      return true;
    }
    return false;
  }

  private endOf(range: Range): string | undefined {
    return this.ranges[this.ranges.indexOf(range) + 1]?.after;
  }

  private hasRoom(): boolean {
    return this.underWay < REQUESTS_AT_ONCE && this.held + this.underWay < this.pagesAhead;
  }

  private list(range: Range): void {
    this.begin();
    range.underWay = this.listPage(range).then(
      () => {
        range.underWay = undefined;
        this.finish();
      },
      (error: unknown) => {
        range.underWay = undefined;
        range.failure = { error };
        this.finish();
      },
    );
  }

  private async listPage(range: Range): Promise<void> {
    const { after, continuation } = range;
    const from = continuation !== undefined ? { continuation } : after !== undefined ? { after } : {};
    const page = await this.store.listPage(this.bucket, this.prefix, from);
    // asked for only now: a range that begins in this one may have come meanwhile
    const end = this.endOf(range);
    const objects = end === undefined ? page.objects : upTo(page.objects, end);
    range.continuation = page.continuation;
    const isCut = objects.length < page.objects.length;
    range.isDone = page.continuation === undefined || isCut;
    this.boundaries.listed(objects, { after: range.position, end: isCut ? end : undefined }, end === undefined);
    if (objects.length === 0) return;
    range.position = objects.at(-1)?.key;
    range.pages.push(objects);
    this.held += 1;
  }

  private lookAgain(): void {
    const last = this.ranges.at(-1);
    if (last === undefined || last.isDone || last.failure !== undefined || this.looking !== undefined || !this.boundaries.isDue) return;
    this.begin();
    this.extras += 1;
    this.looking = this.boundaries.look().then(
      () => {
        this.looking = undefined;
        this.finish();
      },
      () => {
        // some may list this prefix only, and none below it: then it is listed as it is, and what is really wrong is told there
        this.mayDivide = false;
        this.looking = undefined;
        this.finish();
      },
    );
  }

  private begin(): void {
    this.requests += 1;
    this.underWay += 1;
  }

  private finish(): void {
    this.underWay -= 1;
    this.fill();
  }
}

const rangeAfter = (after: string | undefined): Range => ({
  ...{ after, position: after, pages: [], continuation: undefined, isDone: false, failure: undefined, underWay: undefined },
});

/** Objects whose keys are not behind `end`, of those in key order. */
function upTo(objects: readonly ListedObject[], end: string): readonly ListedObject[] {
  let count = objects.length;
  while (count > 0 && compareCodePoints(objects[count - 1]?.key ?? "", end) > 0) count -= 1;
  return count === objects.length ? objects : objects.slice(0, count);
}
