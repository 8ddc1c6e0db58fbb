import { existsSync, readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { BrokenRunError } from "../../../../workloads/word-count/counter/run-file";
import { CounterMisuseError, SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import { collect, temporaryDirectory } from "../../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const counterOf = (memoryBytes: number): SpillingCounter => new SpillingCounter({ memoryBytes, directory: directory.path });
const runFiles = (): string[] =>
  readdirSync(directory.path).flatMap((folder) =>
    readdirSync(join(directory.path, folder))
      .filter((name) => name.startsWith("run-"))
      .map((name) => join(directory.path, folder, name)),
  );
const byBytes = (a: { word: string }, b: { word: string }): number => Buffer.compare(Buffer.from(a.word), Buffer.from(b.word));

async function fill(counter: SpillingCounter, additions: Iterable<readonly [string, number]>): Promise<Map<string, number>> {
  const expected = new Map<string, number>();
  for (const [word, count] of additions) {
    await counter.add(word, count);
    expected.set(word, (expected.get(word) ?? 0) + count);
  }
  return expected;
}
const sorted = (counts: Map<string, number>): { word: string; count: number }[] =>
  [...counts].map(([word, count]) => ({ word, count })).sort(byBytes);
function* numbered(distinct: number, rounds: number): Generator<readonly [string, number]> {
  for (let round = 0; round < rounds; round += 1)
    for (let index = 0; index < distinct; index += 1) yield [`word${String((index * 7_919) % distinct)}`, 1 + (index % 3)];
}

test.each([
  ["all in memory", 1 << 20, 2_000, false],
  ["spilling now and then", 1 << 14, 2_000, true],
  // two runs are merged at a time: a hundred of them make seven levels
  ["spilling all the time, runs merged in several levels", 256, 400, true],
])("sums are exact: %s", async (_, memoryBytes, distinct, spills) => {
  const counter = counterOf(memoryBytes);
  const expected = await fill(counter, numbered(distinct, 3));
  expect(runFiles().length > 0).toBe(spills);
  const all = sorted(expected);
  expect(await collect(counter.entries())).toEqual(all);
  expect(await collect(counter.entries())).toEqual(all); // reading changes nothing
  const top = [...all].sort((a, b) => b.count - a.count || byBytes(a, b)).slice(0, 10);
  expect(await counter.summarise(10)).toEqual({
    totalWords: all.reduce((sum, { count }) => sum + count, 0),
    distinctWords: distinct,
    words: top,
  });
  await fill(counter, [["later", 1]]); // adding may go on after reading
  expect(await collect(counter.entries())).toEqual(sorted(expected.set("later", 1)));
  await counter.dispose();
  directory.assertEmpty();
});

test("any words and counts, with memory for almost none", async () => {
  const additions = fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 20 }), fc.integer({ min: 1, max: 2 ** 40 })), {
    maxLength: 120,
  });
  await fc.assert(
    fc.asyncProperty(additions, fc.integer({ min: 0, max: 2_000 }), async (words, memoryBytes) => {
      const counter = counterOf(memoryBytes);
      try {
        const expected = await fill(counter, words);
        expect(await collect(counter.entries())).toEqual(sorted(expected));
      } finally {
        await counter.dispose();
      }
    }),
    { numRuns: 150 },
  );
  directory.assertEmpty();
});

test("words longer than every buffer", async () => {
  const counter = counterOf(1_000);
  const expected = await fill(
    counter,
    Array.from({ length: 12 }, (_, index) => [String.fromCharCode(0x61 + (index % 6)).repeat(30_000 + index), 1] as const),
  );
  expect(await collect(counter.entries())).toEqual(sorted(expected));
  await counter.dispose();
});

test("adding one counter to another keeps the sums, whichever of them spilled", async () => {
  for (const [from, to] of [
    [512, 1 << 20],
    [1 << 20, 512],
    [512, 512],
    [1 << 20, 1 << 20],
  ] as const) {
    const part = counterOf(from);
    const whole = counterOf(to);
    const expected = await fill(part, numbered(150, 2));
    await fill(whole, numbered(150, 2));
    await part.addTo(whole);
    expect(await collect(whole.entries())).toEqual(sorted(expected).map(({ word, count }) => ({ word, count: 2 * count })));
    await part.dispose();
    await whole.dispose();
  }
  directory.assertEmpty();
});

test("few files exist at a time, although very many runs were written", async () => {
  const counter = counterOf(256);
  await fill(counter, numbered(600, 1));
  expect(runFiles().length).toBeLessThan(20);
  expect(runFiles().length).toBeGreaterThan(2);
  const reader = counter.entries();
  await reader.next();
  expect(runFiles().length).toBeLessThanOrEqual(2); // as many as this memory allows to merge at a time
  await reader.return();
  await counter.dispose();
});

test("a reader that leaves early frees the counter for adding; one that is at work blocks it", async () => {
  const counter = counterOf(512);
  await fill(counter, numbered(100, 1));
  const reader = counter.entries();
  await reader.next();
  expect(() => counter.add("word", 1)).toThrow(CounterMisuseError);
  await reader.return();
  await counter.add("word", 1);
  for await (const { word } of counter.entries()) if (word > "word1") break;
  await counter.add("word", 1);
  await counter.dispose();
});

test("whoever doesn't await a spill is told, as the memory bound would be lost", async () => {
  const counter = counterOf(256);
  let spill: void | Promise<void> = undefined;
  for (let index = 0; spill === undefined; index += 1) spill = counter.add(`word${String(index)}`, 1);
  expect(() => counter.add("another", 1)).toThrow(/await/);
  await spill;
  await counter.add("another", 1);
  await counter.dispose();
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("count %p is refused", async (count) => {
  const counter = counterOf(1_000);
  expect(() => counter.add("word", count)).toThrow(RangeError);
  await counter.dispose();
});

test("a counter can't be added to itself", async () => {
  const counter = counterOf(1_000);
  await expect(counter.addTo(counter)).rejects.toThrow(CounterMisuseError);
  await counter.dispose();
});

test("after a failure to write, every call fails: no sums without the lost words", async () => {
  const counter = new SpillingCounter({ memoryBytes: 256, directory: join(directory.path, "absent") });
  await expect(fill(counter, numbered(100, 1))).rejects.toMatchObject({ code: "ENOENT" });
  expect(() => counter.add("word", 1)).toThrow(/ENOENT/);
  await expect(collect(counter.entries())).rejects.toMatchObject({ code: "ENOENT" });
  await expect(counter.summarise(3)).rejects.toMatchObject({ code: "ENOENT" });
  await counter.dispose();
  await counter.dispose();
});

test.each([15, 16])("a run that something else cut is noticed, between entries or inside one (%i bytes)", async (bytes) => {
  const counter = counterOf(256);
  await fill(counter, numbered(40, 1));
  const [file] = runFiles();
  if (file === undefined) throw new Error("nothing was spilled");
  truncateSync(file, bytes);
  await expect(collect(counter.entries())).rejects.toThrow(BrokenRunError);
  await counter.dispose();
  expect(existsSync(file)).toBe(false);
});

test("counters share a folder, and dispose removes only what is its own", async () => {
  const [first, second] = [counterOf(256), counterOf(256)];
  const stranger = join(directory.path, "stranger");
  writeFileSync(stranger, "");
  const expected = await fill(first, numbered(50, 1));
  await fill(second, numbered(60, 1));
  await second.dispose();
  expect(await collect(first.entries())).toEqual(sorted(expected));
  await first.dispose();
  expect(readdirSync(directory.path)).toEqual(["stranger"]);
});
