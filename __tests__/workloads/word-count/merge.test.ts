import fc from "fast-check";
import { SpillingCounter } from "../../../workloads/word-count/counter/spilling-counter";
import { BadCountLineError, countLine, countLines, mergeInto, parseCountLine, readCounts } from "../../../workloads/word-count/merge";
import { chunked, collect, temporaryDirectory } from "../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const counterOf = (memoryBytes = 1 << 20): SpillingCounter => new SpillingCounter({ memoryBytes, directory: directory.path });
const read = (text: string, sizes = [5]): ReturnType<typeof collect<{ word: string; count: number }>> =>
  collect(readCounts(chunked(Buffer.from(text), sizes)));

test("a line is compact and says what it said", () => {
  expect(countLine({ word: "don't", count: 3 })).toBe(`["don't",3]`);
  expect(parseCountLine(`["don't",3]`)).toEqual({ word: "don't", count: 3 });
});

test("any counts survive being written and read, in any chunks", async () => {
  const counts = fc.uniqueArray(
    fc.record({ word: fc.string({ unit: "binary" }), count: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }) }),
    {
      selector: ({ word }) => word,
      maxLength: 40,
    },
  );
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 1, max: 20 }), async (entries, size) => {
      const text = (await collect(countLines(values(entries)))).join("");
      expect(text.split("\n")).toHaveLength(entries.length + 1);
      expect(await read(text, [size])).toEqual(entries);
    }),
    { numRuns: 300 },
  );
});

test("more lines than one block holds", async () => {
  const entries = Array.from({ length: 2_500 }, (_, index) => ({ word: `w${String(index)}`, count: index + 1 }));
  const blocks = await collect(countLines(values(entries)));
  expect(blocks).toHaveLength(3);
  expect(await read(blocks.join(""), [1_000])).toEqual(entries);
});

test.each([
  ["cut inside a line", `["a",1]\n["b"`],
  ["cut before its line feed", `["a",1]\n["b",2]`],
  ["no list", `{"a":1}\n`],
  ["no count", `["a"]\n`],
  ["a third element", `["a",1,2]\n`],
  ["count 0", `["a",0]\n`],
  ["half a count", `["a",1.5]\n`],
  ["a count beyond what is exact", `["a",9007199254740993]\n`],
  ["a number for a word", `[1,1]\n`],
  ["an empty line", `["a",1]\n\n`],
  ["no line feed for ever", `["${"a".repeat(40_000)}`],
])("a damaged section is refused: %s", async (_, text) => {
  await expect(read(text, [1_000])).rejects.toThrow(BadCountLineError);
});

test("a line that doesn't end is refused before much of it was read", async () => {
  const body = chunked(Buffer.alloc(1_000_000, "a"), [1_000]);
  await expect(collect(readCounts(body))).rejects.toThrow(BadCountLineError);
  expect(body.taken).toBeLessThan(20_000);
});

test("bytes that are no UTF-8 are refused", async () => {
  const body = chunked(Buffer.concat([Buffer.from(`["a`), Buffer.from([0xff]), Buffer.from(`",1]\n`)]), [4]);
  await expect(collect(readCounts(body))).rejects.toThrow(BadCountLineError);
});

test("merging adds up and disposes of what was merged, also when it fails", async () => {
  const group = counterOf();
  for (const count of [2, 5]) {
    const part = counterOf(512);
    for (let index = 0; index < 200; index += 1) await part.add(`word${String(index)}`, count);
    await mergeInto(group, part);
    await expect(collect(part.entries())).rejects.toThrow(/disposed/);
  }
  const merged = await collect(group.entries());
  expect(merged).toHaveLength(200);
  expect(new Set(merged.map(({ count }) => count))).toEqual(new Set([7]));
  await group.dispose();
  const part = counterOf(512);
  for (let index = 0; index < 200; index += 1) await part.add(`word${String(index)}`, 1);
  await expect(mergeInto(group, part)).rejects.toThrow(/disposed/);
  directory.assertEmpty();
});

async function* values<T>(entries: readonly T[]): AsyncGenerator<T, void> {
  yield* await Promise.resolve(entries);
}
