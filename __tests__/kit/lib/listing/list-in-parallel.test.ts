import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import { listInParallel, REQUESTS_AT_ONCE } from "../../../../kit/lib/listing/list-in-parallel";
import { listPages } from "../../../../kit/lib/listing/list-pages";
import { ObjectAccessDeniedError, type ListedPage, type ListPageOptions, type ObjectStore } from "../../../../kit/ports/object-store";
import { MemoryObjectStore } from "../../../../kit/simulator/memory/memory-object-store";

const BUCKET = "bucket";
const PREFIX = "in/";

/** Counts what is asked, and answers after so many turns of the event loop. */
class SlowStore implements Pick<ObjectStore, "listPage"> {
  public requests = 0;
  public underWay = 0;
  public mostUnderWay = 0;
  public pages = 0;

  public constructor(
    private readonly stored: MemoryObjectStore,
    private readonly turnsOf: (request: number) => number,
    private readonly failing: (options: ListPageOptions, request: number) => boolean = () => false,
  ) {}

  public async listPage(bucket: string, prefix: string, options: ListPageOptions = {}): Promise<ListedPage> {
    this.requests += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    const turns = this.turnsOf(this.requests);
    const fails = this.failing(options, this.requests);
    for (let turn = 0; turn < turns; turn += 1) await nextTurn();
    this.underWay -= 1;
    if (fails) throw new ObjectAccessDeniedError(bucket, prefix, { action: "s3:ListBucket" });
    if (options.delimiter === undefined) this.pages += 1;
    return this.stored.listPage(bucket, prefix, options);
  }
}

function storedKeys(keys: readonly string[], keysPerPage: number): MemoryObjectStore {
  const stored = new MemoryObjectStore([BUCKET], { keysPerPage });
  for (const key of keys) stored.set(BUCKET, key, "x");
  return stored;
}

interface Listed {
  readonly keys: string[];
  /** Pages that were listed and not given out, at most. */
  readonly mostAhead: number;
}

async function listed(store: SlowStore, pagesAhead?: number): Promise<Listed> {
  const keys: string[] = [];
  let given = 0;
  let mostAhead = 0;
  for await (const page of listInParallel(store, BUCKET, PREFIX, pagesAhead)) {
    given += 1;
    mostAhead = Math.max(mostAhead, store.pages - given);
    keys.push(...page.map(({ key }) => key));
    await nextTurn();
  }
  return { keys, mostAhead };
}

/** Requests of a serial listing. */
async function serialOf(stored: MemoryObjectStore): Promise<{ readonly keys: string[]; readonly requests: number }> {
  const keys: string[] = [];
  let requests = 0;
  for await (const page of listPages(stored, BUCKET, PREFIX)) {
    requests += 1;
    keys.push(...page.map(({ key }) => key));
  }
  return { keys, requests };
}

const folders = (count: number, files: number, name = (index: number) => String(index).padStart(4, "0")): string[] =>
  Array.from(
    { length: count * files },
    (_, index) => `${PREFIX}${name(Math.floor(index / files))}/${String(index % files).padStart(5, "0")}`,
  );

test("property: any keys, any size of pages, any order of answers: the same sequence as a serial listing, within its bounds", async () => {
  // characters that sort before and behind the slash, and whose order differs between UTF-8 and UTF-16
  const part = fc.constantFrom("a", "b", "c", "-", "a-", "a0", "\u{1f600}", "\uff5e");
  const key = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => PREFIX + parts.join("/"));
  const keys = fc.tuple(fc.uniqueArray(key, { maxLength: 250, size: "max" }), fc.boolean()).map(([some, marked]) => [
    ...some,
    // what isn't below the prefix, and keys that end with the slash of a folder
    ...["in", "in.", "io/a"],
    ...(marked ? some.map((each) => `${each}/`) : []),
  ]);
  await fc.assert(
    fc.asyncProperty(
      keys,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.nat(3), { minLength: 1 }),
      async (given, size, ahead, turns) => {
        const stored = storedKeys([...new Set(given)], size);
        const serial = await serialOf(stored);
        const store = new SlowStore(stored, (request) => turns[request % turns.length] ?? 0);
        const { keys: found, mostAhead } = await listed(store, ahead);
        expect(found).toEqual(serial.keys);
        expect(store.mostUnderWay).toBeLessThanOrEqual(REQUESTS_AT_ONCE);
        // a page behind the end of its range is held by nobody, and counted here
        expect(mostAhead).toBeLessThanOrEqual(ahead + 1 + 8 + store.requests / 13);
        expect(store.requests).toBeLessThanOrEqual((serial.requests + 9) * (13 / 12));
        expect(store.underWay).toBe(0);
      },
    ),
    { numRuns: 150 },
  );
});

test.each<[string, string[]]>([
  ["many small folders", folders(800, 50)],
  ["small folders in folders", folders(4_000, 10, (index) => `${String(Math.floor(index / 100)).padStart(3, "0")}/${index % 100}`)],
  ["folders of some pages", folders(40, 1_000)],
  ["few folders", folders(10, 4_000)],
  ["folders in folders", folders(100, 400, (index) => `${Math.floor(index / 25)}/${Math.floor(index / 5) % 5}/${index % 5}`)],
  ["folders below one", folders(80, 500, (index) => `only/one/${String(index).padStart(3, "0")}`)],
])("%s are listed side by side, with few more requests", async (_, keys) => {
  const stored = storedKeys(keys, 100);
  const serial = await serialOf(stored);
  // all requests take equally long: what counts is how many wait for each other
  let rounds = 0;
  const store = new SlowStore(stored, () => 5);
  const waits = store.listPage.bind(store);
  store.listPage = (...asked) => {
    if (store.underWay === 0) rounds += 1;
    return waits(...asked);
  };
  const { keys: found } = await listed(store);
  expect(found).toEqual(serial.keys);
  expect(store.requests).toBeLessThanOrEqual(1.08 * serial.requests + 9);
  expect(store.mostUnderWay).toBeGreaterThan(REQUESTS_AT_ONCE / 2);
  expect(rounds).toBeLessThan(serial.requests / 2);
});

test("where there is no folder one request follows the other", async () => {
  const stored = storedKeys(
    Array.from({ length: 4_000 }, (_, index) => `${PREFIX}${String(index).padStart(6, "0")}`),
    20,
  );
  const store = new SlowStore(stored, () => 1);
  const { keys } = await listed(store);
  expect(keys).toHaveLength(4_000);
  // a listing, and a look for folders besides it
  expect(store.mostUnderWay).toBeLessThanOrEqual(2);
  expect(store.requests).toBeLessThanOrEqual(212);
});

test("who wants the first page only asks for no more", async () => {
  const store = new SlowStore(storedKeys(folders(20, 10), 5), () => 1);
  for await (const page of listInParallel(store, BUCKET, PREFIX)) {
    expect(page).toHaveLength(5);
    break;
  }
  expect(store.requests).toBe(1);
});

test("who takes no more in the middle leaves nothing under way", async () => {
  const store = new SlowStore(storedKeys(folders(100, 50), 5), () => 3);
  let pages = 0;
  for await (const page of listInParallel(store, BUCKET, PREFIX)) if (page.length > 0 && (pages += 1) === 100) break;
  expect(store.mostUnderWay).toBeGreaterThan(1);
  expect(store.underWay).toBe(0);
  const { requests } = store;
  await nextTurn();
  expect(store.requests).toBe(requests);
});

test("a range that fails is told in its turn: all before it are given out", async () => {
  const keys = folders(100, 50);
  const store = new SlowStore(
    storedKeys(keys, 5),
    () => 1,
    ({ after, delimiter }) => delimiter === undefined && after !== undefined && after >= `${PREFIX}0050/`,
  );
  const found: string[] = [];
  const listing = async (): Promise<void> => {
    for await (const page of listInParallel(store, BUCKET, PREFIX)) found.push(...page.map(({ key }) => key));
  };
  await expect(listing()).rejects.toThrow(ObjectAccessDeniedError);
  expect(found).toEqual(keys.slice(0, found.length));
  expect(found.length).toBeGreaterThanOrEqual(50 * 50);
  expect(store.underWay).toBe(0);
});

test("who may list the prefix but not look for folders below it has a serial listing", async () => {
  const keys = folders(20, 50);
  const store = new SlowStore(
    storedKeys(keys, 5),
    () => 1,
    ({ delimiter }) => delimiter !== undefined,
  );
  expect((await listed(store)).keys).toEqual(keys);
  expect(store.requests).toBe(keys.length / 5 + 1);
});
