import fc from "fast-check";
import { SpillingCounter } from "../../../workloads/word-count/counter/spilling-counter";
import { countLine } from "../../../workloads/word-count/counter/count-lines";
import { addCounts, BadCountLineError, mergeInto, parseCountLine } from "../../../workloads/word-count/merge";
import { chunked, collect, temporaryDirectory } from "../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
const counterOf = (memoryBytes = 1 << 20): SpillingCounter => new SpillingCounter({ memoryBytes, directory: directory.path });
type Entries = { word: string; count: number }[];

/** Of bytes in chunks of these sizes, what a counter has after it took them in. */
async function readBytes(bytes: AsyncIterable<Uint8Array>): Promise<Entries> {
  const counter = counterOf();
  try {
    await addCounts(counter, bytes);
    return await collect(counter.entries());
  } finally {
    await counter.dispose();
  }
}
const read = (text: string | Uint8Array, sizes = [5]): Promise<Entries> => readBytes(chunked(Buffer.from(text), sizes));

/** The section of these words, with memory so small that they go to the disk, or not. */
async function written(entries: Entries, memoryBytes?: number): Promise<Buffer> {
  const counter = counterOf(memoryBytes);
  try {
    for (const { word, count } of entries) await counter.add(word, count);
    return Buffer.concat(await collect(counter.lines()));
  } finally {
    await counter.dispose();
  }
}

test("a line is compact and says what it said", () => {
  expect(countLine({ word: "don't", count: 3 })).toBe(`["don't",3]`);
  expect(parseCountLine(`["don't",3]`)).toEqual({ word: "don't", count: 3 });
});

test("any counts are written in order, a line each as JSON writes it, and survive being read, in any chunks", async () => {
  const word = fc.string({
    unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom('"', "\\", "\n", "a")),
  });
  const counts = fc.uniqueArray(
    fc.record({
      word: word.filter((text) => !/\p{Surrogate}/u.test(text)),
      count: fc.oneof(
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
        fc.integer({ min: 1, max: 15 }).map((digits) => 10 ** digits),
      ),
    }),
    {
      selector: ({ word: text }) => text,
      maxLength: 40,
    },
  );
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 1, max: 20 }), fc.constantFrom(512, 1 << 20), async (entries, size, memoryBytes) => {
      const sorted = [...entries].sort((a, b) => Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)));
      const section = await written(entries, memoryBytes);
      expect(section.toString()).toBe(sorted.map((entry) => `${countLine(entry)}\n`).join(""));
      expect(await read(section, [size])).toEqual(sorted);
    }),
    { numRuns: 150 },
  );
});

test("more lines than one block holds, and lines longer than a block, plain and escaped", async () => {
  const entries = Array.from({ length: 5_000 }, (_, index) => ({ word: `w${String(index).padStart(4, "0")}`, count: index + 1 }));
  entries.push({ word: `x${"y".repeat(40_000)}`, count: 1 }, { word: `z${"\t".repeat(20_000)}`, count: 2 });
  const counter = counterOf();
  for (const { word, count } of entries) await counter.add(word, count);
  const blocks = await collect(counter.lines());
  await counter.dispose();
  expect(blocks.length).toBeGreaterThan(4);
  expect(blocks.every((block) => block.at(-1) === 0x0a)).toBe(true);
  expect(Buffer.concat(blocks).toString()).toBe(entries.map((entry) => `${countLine(entry)}\n`).join(""));
});

test("lines as another writer might write them are read all the same", async () => {
  expect(await read(`[ "a" , 1 ]\n["\\u0062",2]\n["c",3e0]\n`)).toEqual([
    { word: "a", count: 1 },
    { word: "b", count: 2 },
    { word: "c", count: 3 },
  ]);
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
  ["a count with a zero before it", `["a",01]\n`],
  ["a count without digits", `["a",]\n`],
  ["something behind it", `["a",1],\n`],
  ["an open word", `["a,1]\n`],
  ["a control character in a word", `["a\tb",1]\n`],
  ["no line feed for ever", `["${"a".repeat(40_000)}`],
])("a damaged section is refused: %s", async (_, text) => {
  await expect(read(text, [1_000])).rejects.toThrow(BadCountLineError);
});

test("a line that doesn't end is refused before much of it was read", async () => {
  const body = chunked(Buffer.alloc(1_000_000, "a"), [1_000]);
  await expect(readBytes(body)).rejects.toThrow(BadCountLineError);
  expect(body.taken).toBeLessThan(20_000);
});

test("bytes that are no UTF-8 are refused", async () => {
  const body = chunked(Buffer.concat([Buffer.from(`["a`), Buffer.from([0xff]), Buffer.from(`",1]\n`)]), [4]);
  await expect(readBytes(body)).rejects.toThrow(BadCountLineError);
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
