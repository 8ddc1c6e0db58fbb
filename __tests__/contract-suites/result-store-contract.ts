import fc from "fast-check";
import type { FileItem, ResultStore } from "../../systems/batch/ports/result-store";
import { fileWords, itemWords, wordItem } from "../support/word-count";

const IDENTITY = { bucket: "processing", key: "dir/file one.txt", etag: "abc", size: 12, lastModified: "2026-01-01T00:00:00.000Z" };
const WORDS = fileWords({
  words: [
    { word: "alpha", count: 3 },
    { word: "beta", count: 1 },
  ],
  encoding: "windows-1252",
  textBytes: 12,
  invalidBytes: 1,
  totalWords: 4,
  distinctWords: 2,
});
const ITEM = wordItem(IDENTITY, WORDS, { optionsHash: "0011", batchId: "01J0000000000000000000000A" });

type Version = Pick<FileItem, "lastModified" | "etag" | "optionsHash">;

/** Few values each, so that versions differ in any part and some are equal. */
const version: fc.Arbitrary<Version> = fc.record({
  lastModified: fc.constantFrom("2025-12-31T23:59:59.000Z", "2026-01-01T00:00:00.000Z", "2026-10-01T00:00:00.000Z"),
  etag: fc.constantFrom("0a", "0b", "9f-2"),
  optionsHash: fc.constantFrom("0011", "00ff"),
});

/** Newer is by last-modified, then ETag, then options hash. */
const isNewer = (a: Version, b: Version): boolean =>
  a.lastModified !== b.lastModified ? a.lastModified > b.lastModified : a.etag !== b.etag ? a.etag > b.etag : a.optionsHash > b.optionsHash;

/**
 * What every ResultStore does.
 *
 * @param makeSubject an empty store
 * @param runs of the property; every run needs a file of its own
 */
export function describeResultStoreContract(name: string, makeSubject: () => Promise<ResultStore>, runs: number): void {
  describe(`ResultStore: ${name}`, () => {
    let store: ResultStore;
    let files = 0;
    beforeEach(async () => {
      store = await makeSubject();
    });

    const nextKey = (): string => {
      files += 1;
      return `file-${files}`;
    };

    test("an item comes back as it was put", async () => {
      const items = [ITEM, { ...ITEM, key: "other", versionId: "v1" }];
      expect(await store.put(items)).toEqual(["stored", "stored"]);
      const read = await store.get(["processing/dir/file one.txt", "processing/other"]);
      expect(read.sort((a, b) => (a.key < b.key ? -1 : 1))).toEqual(items);
      expect(read.map(itemWords)).toEqual([WORDS, WORDS]);
    });

    test("what a workload lays into an item comes back as it was put, of whatever workload", async () => {
      const attributes = { Result: { text: "", list: [1, -0.5, null, true, { deep: [] }], "a key": "élan \u{1f600}" } };
      await store.put([{ ...ITEM, workload: "command", attributes }]);
      expect(await store.get(["processing/dir/file one.txt"])).toEqual([{ ...ITEM, workload: "command", attributes }]);
    });

    test("words come most frequent first, then in order of their UTF-8 bytes, whatever they are", async () => {
      const words = ["constructor", "toString", "\uff5e", "\u{1f600}", "zebra", "élan"].map((word) => ({ word, count: 2 }));
      const inOrder = [{ word: "often", count: 9 }, ...words].sort(
        (a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)),
      );
      await store.put([wordItem(IDENTITY, { ...WORDS, words: inOrder.toReversed() })]);
      const read = await store.get(["processing/dir/file one.txt"]);
      expect(read.map((item) => itemWords(item).words)).toEqual([inOrder]);
    });

    test("a file that has none, or is asked for twice, gives no more items than there are", async () => {
      await store.put([ITEM]);
      expect(await store.get(["processing/none", "processing/dir/file one.txt", "processing/dir/file one.txt"])).toEqual([ITEM]);
      expect(await store.get([])).toEqual([]);
      expect(await store.put([])).toEqual([]);
    });

    // BatchGetItem takes 100 keys
    test("more items than a call takes are put and read", async () => {
      const items = Array.from({ length: 130 }, (_, index) => ({ ...ITEM, key: `many/${index}` }));
      expect(new Set(await store.put(items))).toEqual(new Set(["stored"]));
      const read = await store.get(items.map(({ key }) => `processing/${key}`));
      expect(read.map(({ key }) => key).sort()).toEqual(items.map(({ key }) => key).sort());
    });

    test("a newer content takes the place of an older one, an equal one is accepted, an outdated one ignored", async () => {
      const newer = {
        ...wordItem(IDENTITY, { ...WORDS, totalWords: 7 }, { optionsHash: "0011" }),
        lastModified: "2026-01-02T00:00:00.000Z",
        batchId: "01J0000000000000000000000A",
      };
      expect(await store.put([ITEM])).toEqual(["stored"]);
      expect(await store.put([newer])).toEqual(["stored"]);
      expect(await store.put([{ ...newer, batchId: "01J0000000000000000000000B" }])).toEqual(["stored"]);
      expect(await store.put([ITEM])).toEqual(["outdated"]);
      expect(await store.get(["processing/dir/file one.txt"])).toEqual([{ ...newer, batchId: "01J0000000000000000000000B" }]);
    });

    test("invariant 3: whatever order versions come in, the newest one stays, and just what is older than it is outdated", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(version, { minLength: 1, maxLength: 6 }), async (versions) => {
          const key = nextKey();
          let newest: Version | undefined;
          for (const next of versions) {
            const outdated = newest !== undefined && isNewer(newest, next);
            expect(await store.put([{ ...ITEM, ...next, key }])).toEqual([outdated ? "outdated" : "stored"]);
            if (!outdated) newest = next;
          }
          expect(await store.get([`processing/${key}`])).toEqual([{ ...ITEM, ...newest, key }]);
        }),
        { numRuns: runs },
      );
    });

    test("invariant 3: versions put at the same time end with the newest", async () => {
      const lastModified = ["2026-01-03T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"];
      await Promise.all(lastModified.map((time) => store.put([{ ...ITEM, lastModified: time }])));
      expect(await store.get(["processing/dir/file one.txt"])).toMatchObject([{ lastModified: "2026-01-03T00:00:00.000Z" }]);
    });
  });
}
