import { createHash } from "node:crypto";
import fc from "fast-check";
import { receiptSchema } from "../../../../../systems/batch/contracts/receipt";
import { receiptKey, resultKey, resultsKey, workKey } from "../../../../../systems/batch/contracts/state-keys";
import { VERSIONS } from "../../../../../systems/batch/contracts/versions";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { GenerationWorld, PREFIX, refOf, SOURCE, STATE, type Decision } from "../../../../support/generation-world";
import { wordCountOf } from "../../../../support/word-count";
import type { BatchRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { onlySealedKey } from "../../../../support/sealed-object";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

let world: GenerationWorld;
beforeEach(() => {
  world = new GenerationWorld();
});
afterEach(() => {
  world.dispose();
});

const textOf = (generation: number): string => world.store.text(STATE, receiptKey(refOf(generation)));
const everythingOf = (generation: number): string[] =>
  [receiptKey, resultKey, resultsKey].map((keyOf) => world.store.text(STATE, keyOf(refOf(generation))));

async function firstGeneration(decide: (key: string) => Decision = () => "work"): Promise<void> {
  ["alpha alpha betas", "gamma", "delta delta"].forEach((text, file) => {
    world.store.set(SOURCE, `${PREFIX}${file}.txt`, text);
  });
  await world.createBatch();
  await world.run(1, ({ key }) => decide(key.slice(PREFIX.length)));
}

test("a receipt says what was asked for, what became of it and what it took, and hashes to what the result names", async () => {
  await firstGeneration((name) => (name === "1.txt" ? "k" : "work"));
  const receipt = receiptSchema.parse(JSON.parse(textOf(1)));
  const { plan, sealedSha256 } = await world.record(1);
  expect(receipt).toMatchObject({
    ...refOf(1),
    supersedes: null,
    status: "completed",
    closeCause: "complete",
    sources: [{ bucket: SOURCE, prefix: PREFIX }],
    workload: wordCountOf({ minimumWordLength: 5, top: 10 }).record,
    outputs: { files: 0, bytes: 0, sha256: sha256("") },
    manifestSha256: plan?.manifestSha256,
    sealedSha256,
    files: { total: 3, processed: 2, skipped: 0, quarantined: 1, unfinished: 0 },
    reasons: { "quarantined:kills-worker": 1 },
    work: { chunks: 1, attempts: 1, spotLosses: 0, unexplainedDeaths: 0 },
    versions: VERSIONS,
    result: { totalWords: 5, distinctWords: 3 },
  });
  expect(sha256(world.store.text(STATE, onlySealedKey(world.store, STATE, refOf(1))))).toBe(sealedSha256);
  const result = JSON.parse(world.store.text(STATE, resultKey(refOf(1)))) as { receipt: unknown };
  expect(result.receipt).toEqual({ key: receiptKey(refOf(1)), sha256: sha256(textOf(1)) });
  expect(JSON.parse(world.sent[0] ?? "")).toMatchObject({ receipt: result.receipt });
  // beside it: what the seal added up
  const { work } = await world.record(1);
  expect(JSON.parse(world.store.text(STATE, workKey(refOf(1))))).toEqual({ ...refOf(1), ...work, callsPerFile: 0 });
  expect(work).toMatchObject({ claims: 1, commits: 2, partials: 2 });
});

test("the hash over the files can be made by anyone from manifest and results", async () => {
  await firstGeneration((name) => (name === "0.txt" ? "n" : name === "1.txt" ? "k" : "work"));
  const manifest = await world.manifest(1);
  const lines = world.resultLines(1).map((result, file) => {
    const { bucket, etag, key, size, versionId = null } = manifest[file] ?? {};
    const { detail = null, filename, outputs, reason = null, result: made, status } = result;
    const identity = [filename, bucket, key, etag, size, versionId];
    const named = outputs.map((output) => [output.name, output.bytes, output.sha256]);
    return `${JSON.stringify([...identity, status, reason, detail, sorted(made), named])}\n`;
  });
  expect(world.resultLines(1).map(({ detail, status }) => [status, typeof detail])).toEqual([
    ["skipped", "undefined"],
    ["quarantined", "string"],
    ["processed", "undefined"],
  ]);
  expect(receiptSchema.parse(JSON.parse(textOf(1))).filesSha256).toBe(sha256(lines.join("")));
});

test("keys are in the schema's order and reasons sorted, in one line", async () => {
  await firstGeneration((name) => (name === "0.txt" ? "x" : "c"));
  const receipt = JSON.parse(textOf(1)) as Record<string, unknown>;
  expect(Object.keys(receipt)).toEqual(Object.keys(receiptSchema.shape));
  expect(Object.keys(receipt["reasons"] as object)).toEqual(["quarantined:access-denied", "quarantined:changed"]);
  expect(textOf(1)).toBe(`${JSON.stringify(receipt)}\n`);
});

test("a later generation's receipt covers the whole batch, but only its own work", async () => {
  await firstGeneration((name) => (name === "1.txt" ? "k" : "work"));
  await world.resume(["kills-worker"]);
  await world.run(2, () => "work");
  expect(receiptSchema.parse(JSON.parse(textOf(2)))).toMatchObject({
    generation: 2,
    supersedes: 1,
    files: { total: 3, processed: 3 },
    reasons: {},
    work: { chunks: 1, attempts: 1 },
    result: { totalWords: 6 },
  });
});

test("a generation that is refused keeps the batch's files, and tells that it has no plan of its own", async () => {
  await firstGeneration((name) => (name === "1.txt" ? "k" : "work"));
  await world.resume(["kills-worker"]);
  await world.ledger.closeGeneration(refOf(2), "refused", "too dear");
  await world.finish(2);
  const receipt = receiptSchema.parse(JSON.parse(textOf(2)));
  expect(receipt).toMatchObject({
    status: "refused",
    manifestSha256: null,
    versions: null,
    files: { total: 3, processed: 2, quarantined: 1 },
  });
  expect(receipt.work).toEqual({ chunks: 0, attempts: 0, spotLosses: 0, unexplainedDeaths: 0 });
});

test("a batch that is refused before its first plan has a receipt of no files", async () => {
  await world.createBatch();
  await world.ledger.closeGeneration(refOf(1), "refused", "too many files");
  await world.finish(1);
  expect(receiptSchema.parse(JSON.parse(textOf(1)))).toMatchObject({ status: "refused", files: { total: 0 }, result: { totalWords: 0 } });
});

test("losses of claims are told as what they were", async () => {
  world.store.set(SOURCE, `${PREFIX}a.txt`, "alpha");
  await world.createBatch();
  await world.plan(1);
  const leaseUntil = world.clock.now();
  await world.ledger.claimChunk(refOf(1), 0, { worker: "vanishes", leaseUntil });
  world.clock.advance(60_000);
  await world.ledger.claimChunk(refOf(1), 0, { worker: "is reclaimed", leaseUntil: world.clock.now() + 60_000 });
  await world.ledger.releaseClaim(refOf(1), 0, 2, "spot");
  await world.work(1, () => "work");
  await world.finish(1);
  expect(receiptSchema.parse(JSON.parse(textOf(1))).work).toEqual({ chunks: 1, attempts: 3, spotLosses: 1, unexplainedDeaths: 1 });
});

test("made twice receipt, result and lines have the same bytes, whatever the time and the order of a row's keys", async () => {
  const decisions = fc.array(fc.constantFrom<Decision>("work", "stop", "k", "n", "c"), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.lorem({ maxCount: 30 }), { maxLength: 8 }),
      decisions,
      fc.nat(1_000_000),
      async (texts, decided, later) => {
        world.dispose();
        world = new GenerationWorld();
        texts.forEach((text, file) => {
          world.store.set(SOURCE, `${PREFIX}${file}`, text);
        });
        await world.createBatch();
        let asked = 0;
        await world.run(1, () => decided[asked++ % decided.length] ?? "work");
        const first = everythingOf(1);
        world.clock.advance(later);
        const getBatch = world.ledger.getBatch.bind(world.ledger);
        world.ledger.getBatch = async (batchId) => {
          const batch = await getBatch(batchId);
          return batch && { ...batch, sources: batch.sources.map(reversed), workload: reversedDeep(batch.workload) };
        };
        await reduce(world.reduceDeps(), refOf(1));
        expect(everythingOf(1)).toEqual(first);
      },
    ),
    { numRuns: 40 },
  );
});

/** With the keys of every object sorted. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, each]): [string, unknown] => [name, sorted(each)]);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
};
const reversedDeep = ({ options, ...workload }: BatchRecord["workload"]): BatchRecord["workload"] =>
  reversed({ ...workload, options: reversed(options) });
const reversed = <T extends object>(value: T): T => Object.fromEntries(Object.entries(value).reverse()) as T;
