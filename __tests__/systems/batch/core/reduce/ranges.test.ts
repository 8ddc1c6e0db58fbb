import { mkdtempSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { ObjectMissingError } from "../../../../../kit/ports/object-store";
import type { CountedPartial } from "../../../../../systems/batch/core/reduce/counted-partial";
import { isMergedInRanges, PartialRanges } from "../../../../../systems/batch/core/reduce/partial-ranges";
import { reduce } from "../../../../../systems/batch/core/reduce/reduce";
import { BatchStateError } from "../../../../../systems/batch/core/stored-batch/errors";
import { verifyBatch } from "../../../../../systems/batch/core/verify/verify-batch";
import {
  countedPartialsKey,
  rangeJoinedKey,
  rangeSectionKey,
  receiptKey,
  resultKey,
  resultsKey,
} from "../../../../../systems/batch/contracts/state-keys";
import { BoundWorkload } from "../../../../../workloads/bound-workload";
import type { BatchRecord } from "../../../../../systems/batch/contracts/ledger-rows";
import { BATCH_ID, GenerationWorld, PREFIX, refOf, SOURCE, STATE, type Decision } from "../../../../support/generation-world";
import { temporaryDirectory } from "../../../../support/count-harness";

const worlds: GenerationWorld[] = [];
function newWorld(partialsPerRange?: number): GenerationWorld {
  const world = new GenerationWorld(partialsPerRange);
  worlds.push(world);
  return world;
}
afterEach(() => {
  for (const world of worlds.splice(0)) world.dispose();
});

const ONE_STEP = 1_000;
const LOG = '1.2.3.4 - - [10/Oct/2000:13:55:36 -0700] "GET /a HTTP/1.0" 200 10\n';
/** Words of a text, or requests of a log: both are cut, and both leave what is merged. */
const WORKLOADS: Readonly<Record<string, BatchRecord["workload"]>> = {
  words: BoundWorkload.of("word-count", { minimumWordLength: 5, top: 3, encoding: "auto" }).record,
  requests: BoundWorkload.of("access-log", { top: 3 }).record,
};

interface Round {
  readonly decisions: readonly Decision[];
}
interface Drawn {
  readonly texts: readonly string[];
  readonly rounds: readonly Round[];
  readonly workload: string;
  readonly partialsPerRange: number;
}
const word = fc.constantFrom("alpha", "betas", "gamma", "delta", "zetas", LOG, LOG.replace("/a", "/b"));
const drawn: fc.Arbitrary<Drawn> = fc.record({
  // some longer than the 120 bytes above which they are cut
  texts: fc.array(
    fc.array(word, { maxLength: 40 }).map((words) => words.join(" ")),
    { minLength: 1, maxLength: 9 },
  ),
  rounds: fc.array(
    fc.record({
      decisions: fc.array(fc.constantFrom<Decision>("work", "work", "work", "work", "stop", "k", "n"), { minLength: 1, maxLength: 12 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  workload: fc.constantFrom(...Object.keys(WORKLOADS)),
  partialsPerRange: fc.integer({ min: 1, max: 4 }),
});

/** Two generations at most. @returns what each left, text by text */
async function runAll(world: GenerationWorld, { rounds, texts, workload }: Drawn): Promise<string[]> {
  texts.forEach((text, file) => {
    world.store.set(SOURCE, `${PREFIX}${file}.txt`, text);
  });
  await world.createBatch({ workload: WORKLOADS[workload] as BatchRecord["workload"] });
  const made: string[] = [];
  for (const [index, { decisions }] of rounds.entries()) {
    const generation = index + 1;
    if (generation > 1) {
      const { files } = await world.record(generation - 1);
      if (files?.total === files?.processed || (files?.unfinished === 0 && files.quarantined === 0)) break;
      await world.resume(["kills-worker"]);
    }
    let asked = 0;
    await world.run(generation, () => decisions[asked++ % decisions.length] ?? "work");
    for (const keyOf of [resultKey, receiptKey, resultsKey]) made.push(world.store.text(STATE, keyOf(refOf(generation))));
  }
  return made;
}

test("however partials are cut into ranges, result, receipt and lines are those of one step, byte for byte, and verify holds them", async () => {
  let inRanges = 0;
  let joined = 0;
  await fc.assert(
    fc.asyncProperty(drawn, async (input) => {
      const whole = newWorld(ONE_STEP);
      const ranged = newWorld(input.partialsPerRange);
      const expected = await runAll(whole, input);
      expect(await runAll(ranged, input)).toEqual(expected);
      const last = expected.length / 3;
      if ((await ranged.record(last)).merging !== undefined) inRanges += 1;
      joined += ranged.store.keys(STATE).filter((key) => key.includes("/joined/")).length;
      expect((await whole.record(last)).merging).toBeUndefined();
      expect(await verifyBatch(ranged.reduceDeps(), refOf(last))).toMatchObject({ holds: true });
      for (const world of worlds.splice(0)) world.dispose();
    }),
    { numRuns: 25 },
  );
  // the property says something about both
  expect(inRanges).toBeGreaterThan(8);
  expect(joined).toBeGreaterThan(8);
}, 120_000);

/** Seven files, one of them cut, in four chunks; sealed in ranges of one chunk or of the cut file. */
async function sealedWorld(): Promise<GenerationWorld> {
  const world = newWorld(1);
  for (const [file, text] of ["alpha alpha", "betas", "gamma", "delta", "zetas alpha"].entries())
    world.store.set(SOURCE, `${PREFIX}${file}.txt`, text);
  world.store.set(SOURCE, `${PREFIX}giant.txt`, "giant words alpha ".repeat(20));
  await world.createBatch();
  await world.plan(1);
  await world.work(1, () => "work");
  await world.seal(1);
  return world;
}

test("a range that is merged again, or by two at the same time, changes nothing; sealed again the ranges are the same", async () => {
  const world = await sealedWorld();
  const ranges = await world.ranges(1);
  expect(ranges.length).toBeGreaterThan(2);
  for (const range of ranges) expect(await Promise.all([1, 2].map(() => world.mergeRange(1, range)))).toEqual(["merged", "merged"]);
  const before = world.store.keys(STATE).map((key) => [key, world.store.text(STATE, key)]);
  for (const range of ranges) expect(await world.mergeRange(1, range)).toBe("there");
  const record = await world.record(1);
  expect(await world.seal(1)).toEqual(record);
  expect(world.store.keys(STATE).map((key) => [key, world.store.text(STATE, key)])).toEqual(before);
  expect((await reduce(world.reduceDeps(), refOf(1))).result).toMatchObject({ totalWords: 67, distinctWords: 7 });
});

test("the partials of a cut file are never divided, and its result is joined with its range", async () => {
  const world = await sealedWorld();
  const { merging = { rangesSha256: "", rangeCount: 0, partialsPerRange: 0 } } = await world.record(1);
  const lines = world.store.text(STATE, countedPartialsKey(refOf(1), merging));
  const cut = (await world.ranges(1)).filter(({ length, offset }) => lines.slice(offset, offset + length).includes('"cutFile":5'));
  expect(cut).toHaveLength(1);
  const [range] = cut;
  if (range === undefined) throw new Error("no range has the cut file");
  expect(lines.slice(range.offset, range.offset + range.length).match(/cutFile/g)?.length).toBeGreaterThan(2);
  await world.mergeRange(1, range);
  const joined = world.store.text(STATE, rangeJoinedKey(refOf(1), merging, range.index));
  expect(JSON.parse(joined)).toMatchObject({ file: 5, result: { totalWords: 60, distinctWords: 3 } });
});

test("reduce does not go on without a range, nor with what another list of partials came to", async () => {
  const world = await sealedWorld();
  const ranges = await world.ranges(1);
  const { merging = { rangesSha256: "", rangeCount: 0, partialsPerRange: 0 } } = await world.record(1);
  for (const range of ranges) await world.mergeRange(1, range);
  const last = rangeSectionKey(refOf(1), merging, ranges.length - 1);
  const section = await world.store.get(STATE, last);
  world.store.deleteObject(STATE, last);
  await expect(reduce(world.reduceDeps(), refOf(1))).rejects.toThrow(ObjectMissingError);
  expect(world.store.keys(STATE)).not.toContain(resultKey(refOf(1)));
  section.body.destroy();
  const getGeneration = world.ledger.getGeneration.bind(world.ledger);
  world.ledger.getGeneration = async (ref) => {
    const record = await getGeneration(ref);
    // of the same name, whose first digits are those of the hash
    return record && { ...record, merging: { ...merging, rangesSha256: merging.rangesSha256.slice(0, 16).padEnd(64, "0") } };
  };
  await expect(reduce(world.reduceDeps(), refOf(1))).rejects.toThrow(BatchStateError);
});

test("what a range joined is taken for its own files only", async () => {
  const world = await sealedWorld();
  const { merging = { rangesSha256: "", rangeCount: 0, partialsPerRange: 0 } } = await world.record(1);
  for (const range of await world.ranges(1)) await world.mergeRange(1, range);
  const key = world.store.keys(STATE).find((each) => each.includes("/joined/")) ?? "";
  const text = world.store.text(STATE, key);
  expect(key).toContain(merging.rangesSha256.slice(0, 16));
  for (const other of [text.replace('"file":5', '"file":4'), text + text]) {
    world.store.set(STATE, key, other);
    await expect(reduce(world.reduceDeps(), refOf(1))).rejects.toThrow(/^range \d+ of 01JBATCH000000000000000000 g1 joined file/);
  }
  world.store.set(STATE, key, text);
  await expect(reduce(world.reduceDeps(), refOf(1))).resolves.toMatchObject({ files: { processed: 6 } });
});

test("a range that is none of the generation's, or whose list was changed, is refused before anything is written", async () => {
  const world = await sealedWorld();
  const { merging = { rangesSha256: "", rangeCount: 0, partialsPerRange: 0 } } = await world.record(1);
  const [range, next] = await world.ranges(1);
  if (range === undefined || next === undefined) throw new Error("too few ranges");
  const before = world.store.keys(STATE);
  await expect(world.mergeRange(1, { ...range, index: merging.rangeCount })).rejects.toThrow(/there is no range \d+: .* has \d+ ranges/);
  await expect(world.mergeRange(1, { ...range, offset: next.offset, length: next.length })).rejects.toThrow(/they hash to/);
  expect(world.store.keys(STATE)).toEqual(before);
  const whole = newWorld(ONE_STEP);
  whole.store.set(SOURCE, `${PREFIX}0.txt`, "alpha");
  await whole.createBatch();
  await whole.run(1, () => "work");
  await expect(whole.mergeRange(1, range)).rejects.toThrow(/is not merged in ranges/);
});

describe("how partials are cut", () => {
  const folder = temporaryDirectory();
  afterAll(() => {
    folder.remove();
  });
  const partialsOf = (index: number, count: number): CountedPartial[] =>
    Array.from({ length: count }, (_, group) => ({
      ref: { batchId: BATCH_ID, generation: 1 },
      index,
      pointer: { claim: 1, group, bytes: 10, sectionOffset: 5, splits: 1 },
    }));

  test("in order, all of them, none twice; no range longer than it should be but for what can't be divided", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(6), { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (counts, partialsPerRange) => {
        const directory = mkdtempSync(path.join(folder.path, "cut-"));
        const ranges = await PartialRanges.create(directory, partialsPerRange);
        const of: number[] = [];
        for (const [index, count] of counts.entries()) {
          const range = await ranges.add(partialsOf(index, count));
          if (count > 0) of.push(range);
        }
        const { merging } = await ranges.finish();
        const groups = counts.filter((count) => count > 0);
        const lengths = new Map<number, number[]>();
        for (const [at, range] of of.entries()) lengths.set(range, [...(lengths.get(range) ?? []), groups[at] ?? 0]);
        expect([...lengths.keys()]).toEqual(Array.from({ length: lengths.size }, (_, index) => index));
        for (const inRange of lengths.values()) {
          const sum = inRange.reduce((a, b) => a + b, 0);
          expect(sum <= partialsPerRange || inRange.length === 1).toBe(true);
        }
        const total = groups.reduce((a, b) => a + b, 0);
        expect(merging?.rangeCount).toBe(isMergedInRanges(total, partialsPerRange) ? lengths.size : undefined);
      }),
      { numRuns: 60 },
    );
  });

  test("two ranges' worth is merged in one step, one partial more is not", () => {
    expect(isMergedInRanges(10_000, 5_000)).toBe(false);
    expect(isMergedInRanges(10_001, 5_000)).toBe(true);
  });
});
