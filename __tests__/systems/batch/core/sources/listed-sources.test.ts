import fc from "fast-check";
import type { BatchSource, NameFilter } from "../../../../../systems/batch/contracts/batch";
import { BucketMissingError } from "../../../../../kit/ports/object-store";
import { listedSources, NameConflictError } from "../../../../../systems/batch/core/sources/listed-sources";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";

const BUCKETS = ["one", "two"];

function storeOf(keys: readonly string[]): MemoryObjectStore {
  const store = new MemoryObjectStore(BUCKETS);
  for (const url of keys) {
    const [bucket = "", ...key] = url.split(":");
    store.set(bucket, key.join(":"), `content of ${url}`);
  }
  return store;
}

/** `name = bucket:key` of each file. */
async function listed(keys: readonly string[], sources: readonly BatchSource[], filter?: NameFilter): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, object } of listedSources(storeOf(keys), sources, filter))
    found.push(`${name} = ${object.bucket}:${object.key}`);
  return found;
}
const source = (bucket: string, prefix: string, object?: string): BatchSource => ({
  bucket,
  prefix,
  ...(object === undefined ? {} : { object }),
});

test("several sources are one list in the order of names", async () => {
  const keys = ["one:x/b", "one:x/d/a", "one:y/c", "two:a", "two:e"];
  expect(await listed(keys, [source("one", "x/"), source("two", "")])).toEqual([
    "a = two:a",
    "b = one:x/b",
    "d/a = one:x/d/a",
    "e = two:e",
  ]);
});

test("one object is one file with its name, and nothing that begins alike", async () => {
  const keys = ["one:x/a.txt", "one:x/a.txt.bak", "one:x/a.txt/deeper"];
  expect(await listed(keys, [source("one", "x/", "a.txt")])).toEqual(["a.txt = one:x/a.txt"]);
  expect(await listed(keys, [source("one", "x/", "a")])).toEqual([]);
});

test("an object that lies in several sources comes once, named by the first", async () => {
  const keys = ["one:x/y/a", "one:x/b"];
  expect(await listed(keys, [source("one", "x/"), source("one", "x/y/"), source("one", "x/", "b")])).toEqual([
    "b = one:x/b",
    "y/a = one:x/y/a",
  ]);
  expect(await listed(keys, [source("one", "x/y/"), source("one", "x/")])).toEqual(["a = one:x/y/a", "b = one:x/b"]);
});

test.each<[why: string, keys: string[], sources: BatchSource[], problem: RegExp]>([
  ["two objects of one name", ["one:x/a", "two:a"], [source("one", "x/"), source("two", "")], /s3:\/\/one\/x\/a and s3:\/\/two\/a .*'a'/],
  ["an object without a name", ["one:x/"], [source("one", "x/")], /s3:\/\/one\/x\/ has no name below the prefix 'x\/'/],
])("%s can't be a batch", async (_, keys, sources, problem) => {
  const listing = listed(keys, sources);
  await expect(listing).rejects.toThrow(NameConflictError);
  await expect(listing).rejects.toThrow(problem);
});

test("patterns choose by name", async () => {
  const keys = ["one:x/a.txt", "one:x/b.csv", "two:c.txt"];
  const sources = [source("one", "x/"), source("two", "")];
  expect(await listed(keys, sources, { include: ["*.txt"], exclude: ["c*"] })).toEqual(["a.txt = one:x/a.txt"]);
});

test("a bucket that is not there is told, and other listings end", async () => {
  await expect(listed(["one:a"], [source("one", ""), source("three", "")])).rejects.toThrow(BucketMissingError);
});

test("property: the list is what a plain reading of the sources gives, whatever they overlap", async () => {
  // characters whose order differs between UTF-8 and UTF-16, and a slash
  const part = fc.constantFrom("a", "b", "\u{1f600}", "\uff5e", "a-");
  const key = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/"));
  const url = fc.tuple(fc.constantFrom(...BUCKETS), key).map(([bucket, path]) => `${bucket}:${path}`);
  const any = fc
    .tuple(fc.constantFrom(...BUCKETS), fc.array(part, { maxLength: 2 }), fc.option(part, { nil: undefined }))
    .map(([bucket, folders, object]): BatchSource => source(bucket, folders.map((folder) => `${folder}/`).join(""), object));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(url, { maxLength: 12 }), fc.array(any, { minLength: 1, maxLength: 4 }), async (urls, sources) => {
      const expected = new Map<string, string>();
      let isConflict = false;
      for (const each of urls) {
        const [bucket, path] = each.split(":") as [string, string];
        const holder = sources.find(
          (s) => s.bucket === bucket && (s.object === undefined ? path.startsWith(s.prefix) : path === s.prefix + s.object),
        );
        if (holder === undefined) continue;
        const name = path.slice(holder.prefix.length);
        isConflict ||= expected.has(name);
        expected.set(name, each);
      }
      const inOrder = [...expected]
        .sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
        .map(([name, each]) => `${name} = ${each}`);
      const found = await listed(urls, sources).catch((error: unknown) => {
        if (error instanceof NameConflictError) return "conflict";
        throw error;
      });
      expect(found).toEqual(isConflict ? "conflict" : inOrder);
    }),
    { numRuns: 300 },
  );
});
