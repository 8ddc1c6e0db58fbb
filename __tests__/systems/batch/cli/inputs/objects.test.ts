import { UsageError } from "../../../../../kit/cli/command-errors";
import { parseS3Address, s3AddressesOf, sourcesOf } from "../../../../../systems/batch/cli/inputs/objects";
import type { BatchSource, NameFilter } from "../../../../../systems/batch/contracts/batch";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";

const objects = new MemoryObjectStore(["texts", "empty", "closed", "foreign"]);
objects.denied.add("closed");
beforeAll(async () => {
  for (const key of ["2026/a.txt", "2026-old/b.txt", "2026/deep/c.txt", "notes", "notes/d.txt"]) await objects.put("texts", key, "x");
  await objects.put("texts", "e/", "");
});

const resolve = (texts: readonly string[], filter?: NameFilter): Promise<BatchSource[]> =>
  sourcesOf({ objects, allowed: ["texts", "empty", "closed", "gone"] }, s3AddressesOf(texts) ?? [], filter);

test.each([
  ["s3://texts", { bucket: "texts", prefix: "" }],
  ["s3://texts/", { bucket: "texts", prefix: "" }],
  ["s3://texts/2026/", { bucket: "texts", prefix: "2026/" }],
  // never 2026-old/
  ["s3://texts/2026", { bucket: "texts", prefix: "2026/" }],
  ["s3://texts/2026/deep/c.txt", { bucket: "texts", prefix: "2026/deep/", object: "c.txt" }],
  // an object goes before a folder of that name
  ["s3://texts/notes", { bucket: "texts", prefix: "", object: "notes" }],
  ["s3://texts/notes/", { bucket: "texts", prefix: "notes/" }],
])("%s", async (address, source) => {
  expect(await resolve([address])).toEqual([source]);
});

test.each([
  ["nothing below a prefix", ["s3://texts/202/"], /no object at s3:\/\/texts\/202\//],
  [
    "a name that only begins like others",
    ["s3://texts/202"],
    /no object at s3:\/\/texts\/202; the nearest is s3:\/\/texts\/2026-old\/b.txt/,
  ],
  ["an empty bucket", ["s3://empty"], /no object at s3:\/\/empty\//],
  ["a folder marker alone", ["s3://texts/e/"], /no object/],
  ["no such bucket", ["s3://gone/x"], /no bucket 'gone'/],
  ["a bucket that can't be listed", ["s3://closed/x"], /'closed' can't be listed/],
  ["a bucket of somebody else's", ["s3://foreign/x"], /the stack may not read the bucket 'foreign'; it reads texts/],
  ["one of several that leads nowhere", ["s3://texts/2026/", "s3://texts/nothing"], /texts\/nothing/],
])("%s is refused before anything starts", async (_what, addresses, message) => {
  await expect(resolve(addresses)).rejects.toThrow(UsageError);
  await expect(resolve(addresses)).rejects.toThrow(message);
});

test("a filter that leaves nothing is refused, one that leaves something is not", async () => {
  await expect(resolve(["s3://texts/2026/"], { include: ["*.csv"], exclude: [] })).rejects.toThrow(
    /leave no object of s3:\/\/texts\/2026\//,
  );
  expect(await resolve(["s3://texts/2026/"], { include: ["deep/**"], exclude: [] })).toEqual([{ bucket: "texts", prefix: "2026/" }]);
});

test("two objects of one name are refused", async () => {
  await objects.put("texts", "other/a.txt", "y");
  await expect(resolve(["s3://texts/2026/", "s3://texts/other/"], { include: [], exclude: ["*.csv"] })).resolves.toHaveLength(2);
  await expect(resolve(["s3://texts/other/", "s3://texts/2026/"], { include: ["z"], exclude: [] })).rejects.toThrow(
    "would both be named 'a.txt'",
  );
});

test("addresses and paths can't be mixed", () => {
  expect(() => s3AddressesOf(["texts", "s3://texts/x"])).toThrow("'texts' is on this machine and 's3://texts/x' in S3");
  expect(s3AddressesOf(["texts", "more"])).toBeUndefined();
  expect(() => parseS3Address("s3:texts")).toThrow("is not an S3 address");
});
