import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import fc from "fast-check";
import { fromResultItem, toResultItem } from "../../../../systems/batch/aws/dynamodb-result-items";
import { DynamoDbResultStore } from "../../../../systems/batch/aws/dynamodb-result-store";
import { FakeClock } from "../../../support/fakes/clock";
import { json, jsonError, STUB_CLIENT, StubHandler, type StubAnswer } from "../../../support/stub-handler";
import { fileWords, itemWords, wordItem } from "../../../support/word-count";

function storeWith(answer: (body: Record<string, never>, index: number) => StubAnswer) {
  const stub = new StubHandler(({ body }, index) => answer(JSON.parse(body) as Record<string, never>, index));
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ ...STUB_CLIENT, requestHandler: stub }));
  const clock = new FakeClock();
  return { store: new DynamoDbResultStore(client, "wordfreq", clock), stub, clock };
}

const IDENTITY = { bucket: "processing", key: "dir/file one.txt", etag: "abc", size: 12, lastModified: "2026-01-01T00:00:00Z" };
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
const SENDER = { optionsHash: "0011", batchId: "01J0000000000000000000000A" };
const ITEM = wordItem(IDENTITY, WORDS, SENDER);

test("S1.33, S1.38: the item is keyed by bucket/key and holds the words and what identifies the content", () => {
  expect(toResultItem({ ...ITEM, versionId: "v1" })).toEqual({
    Filename: "processing/dir/file one.txt",
    Workload: "word-count",
    Encoding: "windows-1252",
    TextBytes: 12,
    InvalidBytes: 1,
    Words: { alpha: 3, beta: 1 },
    TotalWords: 4,
    DistinctWords: 2,
    OverlongWords: 0,
    ETag: "abc",
    VersionId: "v1",
    Size: 12,
    LastModified: "2026-01-01T00:00:00.000Z",
    OptionsHash: "0011",
    BatchId: "01J0000000000000000000000A",
    Version: "2026-01-01T00:00:00.000Z#abc#0011",
  });
});

test("an item reads back as what was stored, words by count and then by code point", () => {
  const words = fc
    .uniqueArray(fc.record({ word: fc.string({ unit: "binary", minLength: 1, maxLength: 5 }), count: fc.integer({ min: 1, max: 5 }) }), {
      selector: ({ word }) => word,
      maxLength: 50,
    })
    .map((list) =>
      list
        .filter(({ word }) => word !== "__proto__")
        .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word))),
    );
  fc.assert(
    fc.property(words, fc.string({ unit: "binary", minLength: 1 }), (list, key) => {
      const item = wordItem({ ...IDENTITY, lastModified: "2026-01-01T00:00:00.000Z", key }, { ...WORDS, words: list }, SENDER);
      const read = fromResultItem(toResultItem(item));
      expect(read).toEqual(item);
      expect(itemWords(read)).toEqual({ ...WORDS, words: list });
    }),
  );
});

test("what says which content an item is of is ours, whatever attributes a workload gives", () => {
  const ours = toResultItem(ITEM);
  const attributes = { ...ITEM.attributes, ...Object.fromEntries(Object.keys(ours).map((name) => [name, "theirs"])) };
  for (const name of ["Filename", "Workload", "ETag", "Size", "LastModified", "OptionsHash", "BatchId", "Version"])
    expect(toResultItem({ ...ITEM, attributes })[name]).toEqual(ours[name]);
});

test("versions order by time first, then ETag, then options: text order is that order for any times", () => {
  const time = fc.date({ min: new Date("2001-01-01"), max: new Date("9000-01-01"), noInvalidDate: true });
  const hex = fc.stringMatching(/^[0-9a-f]{4}$/);
  const version = fc.record({ time, etag: hex, optionsHash: hex });
  fc.assert(
    fc.property(version, version, (a, b) => {
      const [textA, textB] = [a, b].map(
        ({ etag, optionsHash, time: at }) => toResultItem({ ...ITEM, lastModified: at.toISOString(), etag, optionsHash }).Version,
      );
      const [tupleA, tupleB] = [a, b].map(({ etag, optionsHash, time: at }) => [at.getTime(), etag, optionsHash] as const);
      const expected =
        tupleA === undefined || tupleB === undefined
          ? 0
          : compare(tupleA[0], tupleB[0]) || compare(tupleA[1], tupleB[1]) || compare(tupleA[2], tupleB[2]);
      expect(compare(textA ?? "", textB ?? "")).toBe(expected);
    }),
  );
});
const compare = <T extends number | string>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

describe("put", () => {
  test("a refused condition is outdated, the others are stored, in the items' order", async () => {
    const { store, stub } = storeWith((body) =>
      JSON.stringify(body).includes('"old"')
        ? jsonError("com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException", "The conditional request failed")
        : json({}),
    );
    const items = Array.from({ length: 50 }, (_, index) => ({ ...ITEM, key: `k${index}`, etag: index % 7 === 0 ? "old" : "new" }));
    expect(await store.put(items)).toEqual(items.map(({ etag }) => (etag === "old" ? "outdated" : "stored")));
    expect(stub.requests).toHaveLength(50);
    expect(JSON.parse(stub.requests[0]?.body ?? "{}")).toMatchObject({
      ConditionExpression: "attribute_not_exists(#filename) OR #version <= :version",
      ExpressionAttributeValues: { ":version": { S: "2026-01-01T00:00:00.000Z#old#0011" } },
    });
  });

  test("any other failure is thrown", async () => {
    const { store } = storeWith(() =>
      jsonError("com.amazon.coral.service#AccessDeniedException", "not authorized to perform: dynamodb:PutItem"),
    );
    await expect(store.put([ITEM])).rejects.toThrow("dynamodb:PutItem");
  });

  test("nothing to put is nothing to do", async () => {
    expect(await storeWith(() => json({})).store.put([])).toEqual([]);
  });
});

describe("get", () => {
  const marshalled = (key: string): object => ({
    Filename: { S: key },
    Workload: { S: "word-count" },
    Encoding: { S: "utf-8" },
    TextBytes: { N: "12" },
    InvalidBytes: { N: "0" },
    Words: { M: { alpha: { N: "3" } } },
    TotalWords: { N: "3" },
    DistinctWords: { N: "1" },
    OverlongWords: { N: "0" },
    ETag: { S: "abc" },
    Size: { N: "12" },
    LastModified: { S: "2026-01-01T00:00:00.000Z" },
    OptionsHash: { S: "0011" },
    Version: { S: "v" },
  });
  const keysOf = (body: Record<string, unknown>): string[] =>
    (body.RequestItems as Record<string, { Keys: { Filename: { S: string } }[] }>).wordfreq?.Keys.map(({ Filename }) => Filename.S) ?? [];

  test("asks for each name once, in groups of 100, and again for what was left unprocessed", async () => {
    const { clock, store, stub } = storeWith((body, index) => {
      const keys = keysOf(body);
      const left = index === 0 ? keys.slice(60) : [];
      return json({
        Responses: { wordfreq: keys.slice(0, keys.length - left.length).map(marshalled) },
        UnprocessedKeys: left.length === 0 ? {} : { wordfreq: { Keys: left.map((key) => ({ Filename: { S: key } })) } },
      });
    });
    const names = Array.from({ length: 130 }, (_, index) => `bucket/k${index}`);
    const items = await store.get([...names, ...names]);
    expect(items.map(({ bucket, key }) => `${bucket}/${key}`).sort()).toEqual([...names].sort());
    expect(stub.requests.map(({ body }) => keysOf(JSON.parse(body) as Record<string, unknown>).length)).toEqual([100, 40, 30]);
    expect(clock.slept).toHaveLength(1);
  });

  test("keys that stay unprocessed are an error, not missing items", async () => {
    const { store } = storeWith((body) => json({ Responses: {}, UnprocessedKeys: body.RequestItems }));
    await expect(store.get(["bucket/key"])).rejects.toThrow(/left 1 of 1 keys.*throttled/);
  });
});

test("invariant 7: a file whose words are names of object members, such as `constructor`, is stored like any other", async () => {
  const words = ["constructor", "tostring", "valueof", "hasownproperty", "isprototypeof"].map((word, index) => ({
    word,
    count: 9 - index,
  }));
  const { store, stub } = storeWith(() => json({}));
  expect(await store.put([wordItem(IDENTITY, { ...WORDS, words }, SENDER)])).toEqual(["stored"]);
  const sent = JSON.parse(stub.requests[0]?.body ?? "") as { Item: { Words: unknown } };
  expect(sent.Item.Words).toEqual({ M: Object.fromEntries(words.map(({ word, count }) => [word, { N: String(count) }])) });
  const answering = storeWith(() => json({ Responses: { wordfreq: [sent.Item] } }));
  expect((await answering.store.get(["processing/dir/file one.txt"])).map((item) => itemWords(item).words)).toEqual([words]);
});
