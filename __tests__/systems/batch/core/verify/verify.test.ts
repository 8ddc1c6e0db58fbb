import { nodeZlib } from "../../../../../kit/aws/node-zlib";
import type { GenerationRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import type { BatchCompletion } from "../../../../../systems/batch/contracts/messages";
import {
  chunksKey,
  manifestKey,
  partialKey,
  receiptKey,
  resultKey,
  resultsKey,
  splitsKey,
} from "../../../../../systems/batch/contracts/state-keys";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { ObjectAccessDeniedError } from "../../../../../kit/ports/object-store";
import type { CheckName, Verification } from "../../../../../systems/batch/core/verify/verification";
import { verifyBatch } from "../../../../../systems/batch/core/verify/verify-batch";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE } from "../../../../support/generation-world";
import { onlySealedKey } from "../../../../support/sealed-object";
import type { FileItem } from "../../../../../systems/batch/ports/result-store";
import type { FileWords } from "../../../../../workloads/word-count/results";
import { sectionFrom } from "../../../../support/counts-section";
import { itemWords, wordCountOf } from "../../../../support/word-count";

let world: GenerationWorld;
beforeEach(async () => {
  world = new GenerationWorld();
  ["alpha alpha betas", "gamma", "giant words delta ".repeat(20), "zetas"].forEach((text, file) => {
    world.store.set(SOURCE, `${PREFIX}${file}.txt`, text);
  });
  await world.createBatch();
  await world.run(1, ({ key }) => (key === `${PREFIX}1.txt` ? "k" : "work"));
  await world.resume(["kills-worker"]);
  await world.run(2, () => "work");
});
afterEach(() => {
  world.dispose();
});

const room = () => ({ decompressor: nodeZlib, memoryBytes: 1_048_576, directory: world.directory, decompressionLimitBytes: 1_048_576 });
const verify = (files?: number): Promise<Verification> =>
  verifyBatch(
    { ...world.reduceDeps(), ...(files === undefined ? {} : { recount: { files, room: room(), clock: world.clock } }) },
    refOf(2),
  );
const withWords = (item: FileItem, words: Partial<FileWords>): FileItem => ({
  ...item,
  attributes: wordCountOf().toAttributes({ ...itemWords(item), ...words }),
});
const failing = ({ checks }: Verification): CheckName[] => checks.filter(({ holds }) => !holds).map(({ name }) => name);

test("a batch of two generations as it was left holds in every check, and nothing is written", async () => {
  const before = world.store.keys(STATE).map((key) => world.store.text(STATE, key));
  const verification = await verify(100);
  expect(verification).toMatchObject({ ref: refOf(2), holds: true });
  expect(Object.fromEntries(verification.checks.map(({ counts, name }) => [name, counts]))).toMatchObject({
    ledger: { generation: 2 },
    manifest: { files: 4, carried: 3 },
    chunks: { chunks: 1 },
    partials: { files: 4 },
    results: { lines: 4 },
    completion: { messages: 1 },
    table: { files: 4, same: 4, newer: 0 },
    recount: { recounted: 4, gone: 0 },
  });
  expect(world.store.keys(STATE).map((key) => world.store.text(STATE, key))).toEqual(before);
});

describe("what was changed behind our back is found, by the check that is meant for it", () => {
  const edit = (key: string, change: (text: string) => string): void => {
    const text = world.store.text(STATE, key);
    expect(change(text)).not.toBe(text);
    world.store.set(STATE, key, change(text));
  };
  const planKey = async (keyOf: typeof manifestKey): Promise<string> => {
    const { plan } = await world.record(2);
    return keyOf(refOf(2), { planSha256: plan?.planSha256 ?? "" });
  };

  test.each<[string, () => void | Promise<void>, CheckName[]]>([
    [
      "a result line",
      () => {
        edit(resultsKey(refOf(2)), (text) => text.replace("gamma", "gammb"));
      },
      ["results"],
    ],
    [
      "the end of the last result line",
      () => {
        edit(resultsKey(refOf(2)), (text) => text.slice(0, -1));
      },
      ["results"],
    ],
    [
      "a result line too many",
      () => {
        edit(resultsKey(refOf(2)), (text) => `${text}{}\n`);
      },
      ["results"],
    ],
    [
      "the result",
      () => {
        edit(resultKey(refOf(2)), (text) => text.replace('"totalWords":', '"totalWords":1'));
      },
      ["result"],
    ],
    [
      "the receipt",
      () => {
        edit(receiptKey(refOf(2)), (text) => text.replace('"processed":4', '"processed":3'));
      },
      ["receipt"],
    ],
    [
      "a receipt that is gone",
      () => {
        world.store.deleteObject(STATE, receiptKey(refOf(2)));
      },
      ["receipt"],
    ],
    [
      "the manifest",
      async () => {
        edit(await planKey(manifestKey), (text) => text.replace('"size":5', '"size": 5'));
      },
      ["manifest"],
    ],
    [
      "a split",
      async () => {
        edit(await planKey(splitsKey), (text) => text.replace('"size":5', '"size":6'));
      },
      ["chunks"],
    ],
    [
      "a chunk line",
      async () => {
        edit(await planKey(chunksKey), (text) => text.replace(/"sha256":"./, '"sha256":"g'));
      },
      ["chunks", "partials"],
    ],
    [
      "a sealed line",
      () => {
        edit(onlySealedKey(world.store, STATE, refOf(2)), (text) => text.replace('"claim":1', '"claim":2'));
      },
      ["sealed"],
    ],
    [
      "counts of a partial of an earlier generation",
      async () => {
        const section = (count: number): Promise<Buffer> =>
          sectionFrom(world.directory, [
            { word: "alpha", count },
            { word: "betas", count: 1 },
          ]);
        const key = partialKey(refOf(1), 0, 1, 0);
        const bytes = Buffer.from(world.store.bytes(STATE, key));
        bytes.set(await section(3), bytes.indexOf(await section(2)));
        world.store.set(STATE, key, bytes);
      },
      ["result", "receipt"],
    ],
    [
      "a byte among the counts of a partial",
      () => {
        const key = partialKey(refOf(1), 0, 1, 0);
        const bytes = Buffer.from(world.store.bytes(STATE, key));
        bytes.write("z", bytes.lastIndexOf("betas"));
        world.store.set(STATE, key, bytes);
      },
      ["partials"],
    ],
    [
      "a result line of a partial",
      () => {
        edit(partialKey(refOf(1), 0, 1, 0), (text) => text.replace('"file":0', '"file":3'));
      },
      ["partials"],
    ],
    [
      "a partial that is gone",
      () => {
        world.store.deleteObject(STATE, partialKey(refOf(2), 0, 1, 0));
      },
      ["partials"],
    ],
    [
      "a partial that was cut",
      () => {
        edit(partialKey(refOf(2), 0, 1, 0), (text) => text.slice(0, -3));
      },
      ["partials"],
    ],
  ])("%s", async (_, damage, expected) => {
    await damage();
    const verification = await verify();
    expect(verification.holds).toBe(false);
    expect(failing(verification)).toEqual(expect.arrayContaining(expected));
    expect(verification.checks.filter(({ holds }) => !holds).map(({ detail }) => detail)).not.toContain(undefined);
  });

  test("the completion message", async () => {
    const getGeneration = world.ledger.getGeneration.bind(world.ledger);
    world.ledger.getGeneration = async (ref) => {
      const record = await getGeneration(ref);
      const completion = JSON.parse(record?.completion ?? "{}") as BatchCompletion;
      return record && { ...record, completion: JSON.stringify({ ...completion, detail: "all is well" }) };
    };
    expect(failing(await verify())).toEqual(["completion"]);
  });

  test("an item that is gone, one that is older, one with other counts; a newer one is no fault", async () => {
    const filename = `${SOURCE}/${PREFIX}3.txt`;
    const item = world.results.items.get(filename);
    if (item === undefined) throw new Error("the file has no item");
    world.results.items.set(filename, { ...withWords(item, { words: [] }), lastModified: "2099-01-01T00:00:00.000Z" });
    const newer = await verify();
    expect(newer.holds).toBe(true);
    expect(newer.checks.find(({ name }) => name === "table")?.counts).toEqual({ files: 4, same: 3, newer: 1 });
    world.results.items.set(filename, { ...item, lastModified: "2000-01-01T00:00:00.000Z" });
    expect(failing(await verify())).toEqual(["table"]);
    world.results.items.set(filename, withWords(item, { totalWords: 2 }));
    expect(failing(await verify())).toEqual(["table"]);
    world.results.items.delete(filename);
    expect(failing(await verify())).toEqual(["table"]);
  });
});

test("only as many files are counted again as are asked for; content that is no longer there says nothing", async () => {
  world.store.gets.length = 0;
  expect((await verify(2)).checks.at(-1)).toMatchObject({ name: "recount", holds: true, counts: { recounted: 2, gone: 0 } });
  expect(world.store.gets.filter((get) => get.startsWith(SOURCE))).toHaveLength(2);
  world.store.set(SOURCE, `${PREFIX}0.txt`, "other words");
  world.store.deleteObject(SOURCE, `${PREFIX}1.txt`);
  expect((await verify(4)).checks.at(-1)).toMatchObject({ name: "recount", holds: true, counts: { recounted: 2, gone: 2 } });
});

describe("the ledger's own record", () => {
  /** Lets the ledger say something else of the generation. */
  function saying(change: Partial<GenerationRecord>): void {
    const getGeneration = world.ledger.getGeneration.bind(world.ledger);
    world.ledger.getGeneration = async (ref) => {
      const record = await getGeneration(ref);
      return record && { ...record, ...(ref.generation === 2 ? change : {}) };
    };
  }
  const detailOf = ({ checks }: Verification, wanted: CheckName): string | undefined => checks.find(({ name }) => name === wanted)?.detail;

  test("a generation that is not sealed does not hold, and nothing else is looked at", async () => {
    saying({ status: "closed" });
    expect((await verify()).checks).toEqual([
      { name: "ledger", holds: false, counts: { generation: 2 }, detail: "the generation is closed; only a sealed one can be verified" },
    ]);
  });

  test.each<[string, Partial<GenerationRecord>]>([
    ["was put and not sent", { completionSentAt: undefined }],
    ["was never put", { completion: undefined }],
  ])("a generation whose completion message %s does not hold", async (_, change) => {
    saying(change);
    expect(detailOf(await verify(), "ledger")).toBe("the generation is sealed but not reported");
  });

  test("the hash of what is sealed: another one, and none", async () => {
    const bytes = Buffer.byteLength(world.store.text(STATE, onlySealedKey(world.store, STATE, refOf(2))));
    const { sealedSha256 = "" } = (await world.ledger.getGeneration(refOf(2))) ?? {};
    // an object is named by the first digits
    saying({ sealedSha256: `${sealedSha256.slice(0, 16)}0` });
    const checks = (await verify()).checks.filter(({ name }) => name === "sealed");
    expect(checks).toMatchObject([{ holds: false, counts: { bytes } }]);
    expect(checks[0]?.detail).toBe(`what was sealed hashes to ${sealedSha256}, META says ${sealedSha256.slice(0, 16)}0`);
    saying({ sealedSha256: "0" });
    expect(detailOf(await verify(), "sealed")).toMatch(/sealed-0\.jsonl/);
    saying({ sealedSha256: undefined });
    expect(detailOf(await verify(), "sealed")).toMatch(/does not say what was sealed$/);
  });

  test("every check says what is wrong, or that it could not be made", async () => {
    saying({ completion: "{}" });
    expect(detailOf(await verify(), "completion")).toBe("the completion message in META is not the one that these results make");
    world.store.set(STATE, resultKey(refOf(2)), "{}");
    const [result] = (await verify()).checks.filter(({ name }) => name === "result");
    expect(result).toEqual({
      name: "result",
      holds: false,
      counts: { bytes: 2 },
      detail: `${resultKey(refOf(2))} is not what the partials and the ledger make`,
    });
    world.store.deleteObject(STATE, partialKey(refOf(2), 0, 1, 0));
    const notMade = (await verify(1)).checks.filter(({ name }) =>
      ["results", "result", "receipt", "completion", "table", "recount"].includes(name),
    );
    expect(notMade).toEqual(
      ["results", "result", "receipt", "completion", "table", "recount"].map((name) => ({
        name,
        holds: false,
        counts: {},
        detail: "not made, because what it is held against can't be made again",
      })),
    );
  });
});

test("a batch that was refused before any plan has neither manifest nor chunks to look at, and holds", async () => {
  const refused = new GenerationWorld();
  await refused.createBatch();
  await refused.finish(1, "refused");
  const { checks, holds } = await verifyBatch(refused.reduceDeps(), refOf(1));
  refused.dispose();
  expect(holds).toBe(true);
  expect(checks.map(({ name }) => name)).toEqual(["ledger", "sealed", "partials", "results", "result", "receipt", "completion", "table"]);
});

test.each([
  ["batch", { batchId: "01JBATCH000000000000000009", generation: 1 }],
  ["generation", refOf(9)],
])("an unknown %s is an error", async (_, ref) => {
  await expect(verifyBatch(world.reduceDeps(), ref)).rejects.toThrow(BatchStateError);
  await expect(verifyBatch(world.reduceDeps(), ref)).rejects.toThrow(
    `the ledger has no generation ${ref.generation} of batch ${ref.batchId}`,
  );
});

test("what says nothing about the batch is thrown: no access", async () => {
  world.store.denied.add(STATE);
  await expect(verify()).rejects.toThrow(ObjectAccessDeniedError);
});
