import fc from "fast-check";
import { BadCountLineError } from "../../../workloads/word-count/count-lines";
import type { WordCount } from "../../../workloads/word-count/results";
import { chunked, temporaryDirectory } from "../../support/count-harness";
import { entriesOf, inOrder, lineSection, withCounter } from "../../support/counts-section";
import { addCounts } from "../../../workloads/word-count/merge";

const directory = temporaryDirectory();
afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});
const read = (text: string | Uint8Array, sizes = [5]): Promise<WordCount[]> => entriesOf(directory.path, [Buffer.from(text)], { sizes });

test("lines as they were stored are read, in any chunks", async () => {
  const word = fc
    .string({ unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom('"', "\\", "\n", "a")) })
    .filter((text) => !/\p{Surrogate}/u.test(text));
  const count = fc.oneof(
    fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    fc.integer({ min: 1, max: 15 }).map((digits) => 10 ** digits),
  );
  const counts = fc.uniqueArray(fc.record({ word, count }), { selector: ({ word: text }) => text, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 1, max: 20 }), fc.constantFrom(512, 1 << 20), async (entries, size, memoryBytes) => {
      expect(await entriesOf(directory.path, [lineSection(entries)], { memoryBytes, sizes: [size] })).toEqual(inOrder(entries));
    }),
    { numRuns: 150 },
  );
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
  await withCounter(directory.path, 1 << 20, (counter) => expect(addCounts(counter, body)).rejects.toThrow(BadCountLineError));
  expect(body.taken).toBeLessThan(20_000);
});

test("bytes that are no UTF-8 are refused", async () => {
  const bytes = Buffer.concat([Buffer.from(`["a`), Buffer.from([0xff]), Buffer.from(`",1]\n`)]);
  await expect(read(bytes, [4])).rejects.toThrow(BadCountLineError);
});
