import fc from "fast-check";
import { crc32 } from "node:zlib";
import { BadCountsError, SECTION_BEGINNING } from "../../../../workloads/word-count/counter/section-format";
import { collect, chunked, temporaryDirectory } from "../../../support/count-harness";
import { entriesOf, inOrder, sectionFrom, withCounter, type Entries } from "../../../support/counts-section";

const directory = temporaryDirectory();
afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});
const sectionOf = (entries: Entries, memoryBytes?: number): Promise<Buffer> => sectionFrom(directory.path, entries, memoryBytes);

const anyText = fc
  .string({ unit: fc.oneof(fc.string({ unit: "binary", minLength: 1, maxLength: 1 }), fc.constantFrom('"', "\\", "\n", "\0", "a", "b")) })
  .filter((text) => !/\p{Surrogate}/u.test(text));
/** Words that share much, little and nothing, some that are another's beginning. */
const word = fc.oneof(
  anyText,
  fc.tuple(fc.constantFrom("", "aaaaaaaaaaaaaaa", "a".repeat(400)), anyText).map((parts) => parts.join("")),
);
const count = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 46 }),
  fc.integer({ min: 0, max: 45 }).map((bits) => 2 ** bits),
);
const counts = fc.uniqueArray(fc.record({ word, count }), { selector: ({ word: text }) => text, maxLength: 40 });

test("any counts survive being written and read, in any chunks, through the disk or not; the same counts give the same bytes", async () => {
  await fc.assert(
    fc.asyncProperty(counts, fc.integer({ min: 1, max: 20 }), fc.constantFrom(512, 1 << 20), async (entries, size, memoryBytes) => {
      const section = await sectionOf(entries, memoryBytes);
      expect(section.equals(await sectionOf([...entries].reverse()))).toBe(true);
      expect(await entriesOf(directory.path, [section], { memoryBytes, sizes: [size] })).toEqual(inOrder(entries));
    }),
    { numRuns: 150 },
  );
});

test("any number of sections merge to what a Map says, with memory for almost none, for some and for all", async () => {
  const few = fc.constantFrom("", "a", "aa", "ab", "b", "b\0", "ba", "é", "ea", "z".repeat(70));
  const part = fc.uniqueArray(fc.record({ word: fc.oneof(few, word), count }), { selector: ({ word: text }) => text, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { maxLength: 40 }), fc.constantFrom(16, 512, 20_000, 1 << 20), async (parts, memoryBytes) => {
      const sums = new Map<string, number>();
      for (const each of parts.flat()) sums.set(each.word, (sums.get(each.word) ?? 0) + each.count);
      const sections: Buffer[] = [];
      for (const entries of parts) sections.push(await sectionOf(entries));
      const expected = inOrder([...sums].map(([text, total]) => ({ word: text, count: total })));
      expect(await entriesOf(directory.path, sections, { memoryBytes })).toEqual(expected);
      // and as a section of its own
      const merged = await withCounter(directory.path, memoryBytes, async (counter) => {
        for (const section of sections) await counter.addSection(chunked(section, [1_000]));
        return Buffer.concat(await collect(counter.section()));
      });
      expect(merged.equals(await sectionOf(expected))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("sections and single words count together, whichever came first, and go on counting after they were read", async () => {
  const section = await sectionOf(Array.from({ length: 300 }, (_, index) => ({ word: `word${index}`, count: 2 })));
  for (const memoryBytes of [512, 1 << 20])
    await withCounter(directory.path, memoryBytes, async (counter) => {
      for (let round = 1; round <= 3; round += 1) {
        for (let index = 0; index < 300; index += 1) await counter.add(`word${index}`, 1);
        await counter.addSection(chunked(section, [64]));
        const all = await collect(counter.entries());
        expect(all).toHaveLength(300);
        expect(new Set(all.map((each) => each.count))).toEqual(new Set([3 * round]));
        expect(await counter.summarise(1)).toMatchObject({ totalWords: 900 * round, distinctWords: 300 });
      }
    });
});

test("words longer than a block, and many blocks", async () => {
  const entries = Array.from({ length: 9_000 }, (_, index) => ({ word: `w${String(index * 7_919).padStart(8, "0")}`, count: index + 1 }));
  entries.push({ word: `x${"y".repeat(40_000)}`, count: 1 }, { word: `x${"y".repeat(60_000)}`, count: 2 ** 52 });
  const section = await sectionOf(entries);
  expect(section.length).toBeGreaterThan(2 * 32_768);
  for (const memoryBytes of [4_096, 300_000, 1 << 24])
    expect(await entriesOf(directory.path, [section], { memoryBytes, sizes: [10_000] })).toEqual(inOrder(entries));
});

test("a section takes less than half of what its words and counts take as lines", async () => {
  const entries = Array.from({ length: 5_000 }, (_, index) => ({
    word: `wo${String(index * 99).padStart(6, "0")}`,
    count: 1 + (index % 90),
  }));
  const lines = entries.map((each) => `${JSON.stringify([each.word, each.count])}\n`).join("");
  expect((await sectionOf(entries)).length).toBeLessThan(lines.length / 2);
});

/** A section whose checksums hold, whatever is in it. */
function section(...blocks: readonly { readonly entries: number; readonly content: Uint8Array }[]): Buffer {
  const pieces = blocks.map(({ content, entries }) => {
    const head = Buffer.alloc(12);
    head.writeUInt32LE(content.length, 0);
    head.writeUInt32LE(entries, 4);
    head.writeUInt32LE(crc32(content, crc32(head.subarray(0, 8))), 8);
    return Buffer.concat([head, content]);
  });
  return Buffer.concat([SECTION_BEGINNING, ...pieces]);
}
function sums(distinct: number, total: number): { readonly entries: number; readonly content: Buffer } {
  const content = Buffer.alloc(16);
  content.writeDoubleLE(distinct, 0);
  content.writeDoubleLE(total, 8);
  return { entries: 0, content };
}
const block = (entries: number, ...bytes: number[]): { readonly entries: number; readonly content: Buffer } => ({
  entries,
  content: Buffer.from(bytes),
});
const [A, B] = [0x61, 0x62];

test("the format is what it says: half bytes, what is beyond, varints", async () => {
  const written = await sectionOf([
    { word: "a", count: 300 },
    { word: "ab", count: 1 },
    { word: `ab${"c".repeat(20)}`, count: 2 },
  ]);
  const content = [0x01, A, 0xac, 0x02, 0x11, B, 1, 0x2f, 5, ...Buffer.alloc(20, "c"), 2];
  expect(written.equals(section(block(3, ...content), sums(3, 303)))).toBe(true);
});

test.each<[string, Buffer, RegExp]>([
  ["another beginning", Buffer.from([0x89, ...Buffer.from("PNG\r\n\x1a\n")]), /begins as no section/],
  ["a version to come", Buffer.from([...SECTION_BEGINNING.subarray(0, 7), 2]), /version 2, and this code reads 1/],
  ["words out of order", section(block(2, 0x01, B, 1, 0x01, A, 1), sums(2, 2)), /not in order/],
  ["a word twice", section(block(2, 0x01, A, 1, 0x10, 1), sums(2, 2)), /not in order/],
  ["a word twice, over two blocks", section(block(1, 0x01, A, 1), block(1, 0x01, A, 1), sums(2, 2)), /not in order/],
  ["blocks out of order", section(block(1, 0x01, B, 1), block(1, 0x01, A, 1), sums(2, 2)), /not in order/],
  ["less shared than is", section(block(2, 0x02, A, B, 1, 0x03, A, B, B, 1), sums(2, 2)), /not in order/],
  ["more shared than there is", section(block(2, 0x01, A, 1, 0x21, B, 1), sums(2, 2)), /not in order/],
  ["count 0", section(block(1, 0x01, A, 0), sums(1, 0)), /count is 0/],
  ["a count beyond what is exact", section(block(1, 0x01, A, ...Buffer.alloc(8, 0xff), 1), sums(1, 1)), /beyond what is exact/],
  ["a count without end", section(block(1, 0x01, A, 0xff), sums(1, 1)), /number goes beyond its block/],
  ["no count", section(block(1, 0x01, A), sums(1, 1)), /word goes beyond its block/],
  ["a word without end", section(block(1, 0x0f, 90, A, 1), sums(1, 1)), /word goes beyond its block/],
  ["fewer entries than bytes", section(block(1, 0x01, A, 1, 0x01, B, 1), sums(1, 1)), /more than its entries/],
  ["more entries than bytes", section(block(2, 0x01, A, 1), sums(2, 2)), /beyond its block/],
  ["another sum", section(block(1, 0x01, A, 1), sums(1, 2)), /1 words that occur 1 times instead of 1 and 2/],
  ["another number of words", section(block(1, 0x01, A, 1), sums(2, 1)), /1 words that occur 1 times instead of 2 and 1/],
  ["no sums", section(block(1, 0x01, A, 1), block(0, 1)), /no sums/],
  ["something behind its end", Buffer.concat([section(block(1, 0x01, A, 1), sums(1, 1)), Buffer.from("x")]), /follows its end/],
  ["a block of gigabytes", Buffer.concat([SECTION_BEGINNING, Buffer.alloc(12, 0xff)]), /longer than any/],
])("a damaged section is refused, by name: %s", async (_, bytes, message) => {
  await expect(entriesOf(directory.path, [bytes])).rejects.toThrow(message);
  await expect(entriesOf(directory.path, [bytes], { memoryBytes: 16, sizes: [1_000] })).rejects.toThrow(BadCountsError);
});

test("whatever byte is changed, and wherever it is cut, a section is refused", async () => {
  const whole = await sectionOf([
    { word: "alpha", count: 70_000 },
    { word: "alphabet", count: 1 },
    { word: "beta", count: 5 },
  ]);
  for (let at = 1; at < whole.length; at += 1) {
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 0x10;
    await expect(entriesOf(directory.path, [changed], { sizes: [7] })).rejects.toThrow(BadCountsError);
    await expect(entriesOf(directory.path, [whole.subarray(0, at)], { sizes: [7] })).rejects.toThrow(BadCountsError);
  }
});

test("after a damaged section the counter says so again: no sums without its words", async () => {
  await withCounter(directory.path, 1 << 20, async (counter) => {
    await expect(counter.addSection(chunked(SECTION_BEGINNING, [3]))).rejects.toThrow(/was cut/);
    await expect(counter.summarise(1)).rejects.toThrow(BadCountsError);
    expect(() => counter.add("word", 1)).toThrow(BadCountsError);
  });
});
