import type { FileResult } from "../../../../../systems/batch/contracts/files";
import type { BatchFile } from "../../../../../systems/batch/core/stored-batch/batch-files";
import type { FileItem } from "../../../../../systems/batch/ports/result-store";
import { TableCheck } from "../../../../../systems/batch/core/verify/check-table";
import type { Finding } from "../../../../../systems/batch/core/verify/verification";
import type { FileWords } from "../../../../../workloads/word-count/results";
import { fileWords, NOTHING_MADE, wordCountOf, wordItem } from "../../../../support/word-count";

const BOUND = wordCountOf();
const WORDS = fileWords({
  textBytes: 1,
  totalWords: 3,
  distinctWords: 2,
  words: [
    { word: "words", count: 2 },
    { word: "alpha", count: 1 },
  ],
});
const itemOf = (number: number, change: Partial<FileItem> = {}): FileItem => ({
  ...wordItem({ bucket: "uploading", key: `in/${number}.txt`, etag: "e5", size: 1, lastModified: "2026-01-01T00:00:00.000Z" }, WORDS),
  ...change,
});
/** An item of the same content with other words. */
const counting = (words: Partial<FileWords>): Partial<FileItem> => ({ attributes: BOUND.toAttributes({ ...WORDS, ...words }) });
const resultOf = (number: number, status: FileResult["status"] = "processed"): FileResult => ({
  filename: `${number}.txt`,
  status,
  bytes: 1,
  ...(status === "processed" ? { result: WORDS, outputs: [] } : NOTHING_MADE),
});

let asked: (readonly string[])[];
async function check(items: readonly FileItem[], results: readonly FileResult[]): Promise<Finding> {
  asked = [];
  const get = (names: readonly string[]): Promise<FileItem[]> => {
    asked.push(names);
    return Promise.resolve(items.filter(({ bucket, key }) => names.includes(`${bucket}/${key}`)).reverse());
  };
  const table = new TableCheck({ get, put: () => Promise.reject(new Error("a verification writes nothing")) }, BOUND);
  for (const [number, result] of results.entries())
    await table.add({ file: { ...itemOf(number), file: number } } as unknown as BatchFile, result);
  return table.finish();
}

test("items are asked for a hundred at a time, as many as one request takes, and each file is held against its own", async () => {
  const numbers = Array.from({ length: 250 }, (_, number) => number);
  const items = numbers.map((number) => itemOf(number));
  expect(
    await check(
      items,
      numbers.map((number) => resultOf(number)),
    ),
  ).toEqual({ counts: { files: 250, same: 250, newer: 0 } });
  expect(asked.map(({ length }) => length)).toEqual([100, 100, 50]);
  await check(
    items,
    numbers.slice(0, 100).map((number) => resultOf(number)),
  );
  expect(asked.map(({ length }) => length)).toEqual([100]);
});

test("a file that was not processed needs no item, and nobody asks", async () => {
  expect(await check([], [resultOf(0, "skipped"), resultOf(1, "quarantined"), resultOf(2, "unfinished")])).toEqual({
    counts: { files: 0, same: 0, newer: 0 },
  });
  expect(asked).toEqual([]);
});

test("a table's words have no order", async () => {
  expect(await check([itemOf(0, counting({ words: WORDS.words.toReversed() }))], [resultOf(0)])).toEqual({
    counts: { files: 1, same: 1, newer: 0 },
  });
});

test.each<[string, Partial<FileItem>]>([
  ["a later time", { lastModified: "2026-01-01T00:00:01.000Z" }],
  ["the same time and a higher ETag", { etag: "e6" }],
  ["the same content and a higher hash of options", { optionsHash: "f".repeat(BOUND.hash.length) }],
])("an item of %s is newer, whatever it holds", async (_, change) => {
  expect(await check([itemOf(0, { ...counting({ totalWords: 99 }), ...change })], [resultOf(0)])).toEqual({
    counts: { files: 1, same: 0, newer: 1 },
  });
});

const OTHER = /^the item of uploading\/in\/0\.txt has another result than the batch: \{/;
test.each<[string, Partial<FileItem> | undefined, RegExp]>([
  ["missing", undefined, /^uploading\/in\/0\.txt was processed but has no item$/],
  [
    "older",
    { lastModified: "2025-12-31T23:59:59.000Z" },
    new RegExp(`^the item of uploading/in/0\\.txt is older than what .* 2025-12-31T23:59:59\\.000Z#e5#${BOUND.hash}$`),
  ],
  ["of a lower ETag", { etag: "e4" }, new RegExp(`is older than .*#e4#${BOUND.hash}$`)],
  ["of other counts", counting({ totalWords: 4 }), new RegExp(`${OTHER.source}.*"TotalWords":4`)],
  ["of other distinct words", counting({ distinctWords: 1 }), new RegExp(`${OTHER.source}.*"DistinctWords":1`)],
  ["of other overlong words", counting({ overlongWords: 1 }), new RegExp(`${OTHER.source}.*"OverlongWords":1`)],
  ["of another encoding", counting({ encoding: "koi8-r" }), new RegExp(`${OTHER.source}.*"Encoding":"koi8-r"`)],
  ["of other bytes of text", counting({ textBytes: 2 }), new RegExp(`${OTHER.source}.*"TextBytes":2`)],
  ["of other invalid bytes", counting({ invalidBytes: 1 }), new RegExp(`${OTHER.source}.*"InvalidBytes":1`)],
  ["of other words", counting({ words: [{ word: "words", count: 3 }] }), new RegExp(`${OTHER.source}.*"Words":\\{"words":3\\}`)],
  [
    "of a word counted otherwise",
    counting({
      words: [
        { word: "words", count: 1 },
        { word: "alpha", count: 2 },
      ],
    }),
    OTHER,
  ],
  ["of another workload", { workload: "another" }, OTHER],
  ["not what its workload lays down", { attributes: { ...BOUND.toAttributes(WORDS), Words: "words" } }, OTHER],
])("an item that is %s is found and named; it is no reason to leave the others unseen", async (_, change, wrong) => {
  const items = [...(change === undefined ? [] : [itemOf(0, change)]), itemOf(1)];
  const finding = await check(items, [resultOf(0), resultOf(1)]);
  expect(finding.wrong).toMatch(wrong);
  expect(finding.counts).toEqual({ files: 2, same: 1, newer: 0 });
});
