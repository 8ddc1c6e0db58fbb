import fc from "fast-check";
import { ByteTable } from "../../../../workloads/word-count/counter/byte-table";
import { sortedEntries, TableCursor } from "../../../../workloads/word-count/counter/table-cursor";
import { WordText } from "../../../../workloads/word-count/counter/word-text";
import { addWord, contentsOf } from "../../../support/byte-table";

test("counts what is added, whatever the words are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 12 }), fc.integer({ min: 1, max: 1e9 })), { maxLength: 300 }),
      (additions) => {
        const table = new ByteTable();
        const expected = new Map<string, number>();
        for (const [word, count] of additions) {
          addWord(table, word, count);
          expected.set(word, (expected.get(word) ?? 0) + count);
        }
        expect(contentsOf(table)).toEqual(expected);
        expect(table.size).toBe(expected.size);
      },
    ),
    { numRuns: 200 },
  );
});

test("no count is lost while the table grows: all words so far come again after each new one", () => {
  const table = new ByteTable();
  const words = 300; // through three growths of 64 entries
  for (let newest = 0; newest < words; newest += 1) for (let index = 0; index <= newest; index += 1) addWord(table, `word${String(index)}`);
  const counted = contentsOf(table);
  expect(counted.size).toBe(words);
  for (let index = 0; index < words; index += 1) expect(counted.get(`word${String(index)}`)).toBe(words - index);
});

test("words that share a hash are told apart by their bytes and their lengths", () => {
  const table = new ByteTable();
  const words = ["word", "words", "wor", "work", "", "drow"];
  for (let round = 1; round <= 3; round += 1) {
    for (const word of words) table.add(Buffer.from(word), 0, word.length, 7, 1);
  }
  expect(contentsOf(table)).toEqual(new Map(words.map((word) => [word, 3])));
});

test("counts go beyond 32 bits", () => {
  const table = new ByteTable();
  addWord(table, "word", 2 ** 31 - 1);
  addWord(table, "word", 2 ** 31 + 5);
  addWord(table, "word", 2 ** 52);
  expect(contentsOf(table).get("word")).toBe(2 ** 52 + 2 ** 32 + 4);
});

test("after clear it is empty, and counts anew", () => {
  const table = new ByteTable();
  for (let index = 0; index < 1_000; index += 1) addWord(table, `word${String(index)}`);
  table.clear();
  expect([table.size, table.usedBytes]).toEqual([0, 0]);
  addWord(table, "word7");
  expect(contentsOf(table)).toEqual(new Map([["word7", 1]]));
});

test("the longest word has 65,535 bytes", () => {
  const table = new ByteTable();
  addWord(table, "a".repeat(65_535));
  expect(contentsOf(table).get("a".repeat(65_535))).toBe(1);
  expect(() => {
    addWord(table, "a".repeat(65_536));
  }).toThrow(RangeError);
  expect(table.size).toBe(1);
});

test("what it says it uses grows with every word and is at least what the words take", () => {
  const table = new ByteTable();
  for (let index = 0; index < 500; index += 1) {
    const before = table.usedBytes;
    addWord(table, `word${String(index)}`);
    expect(table.usedBytes).toBeGreaterThan(before + 4);
  }
});

test("an entry that isn't there is an error", () => {
  expect(() => new ByteTable().at(0)).toThrow(RangeError);
});

test("sorted entries are in the order of their bytes, also of words with a common beginning or a NUL byte", () => {
  const unit = fc.constantFrom("a", "b", "\0", "é", "\uffff", "\u{10000}", "prefix");
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ unit, maxLength: 8 }), { maxLength: 200 }), (words) => {
      const table = new ByteTable();
      for (const word of words) addWord(table, word);
      const text = new WordText();
      const sorted = Array.from(sortedEntries(table), (entry) => text.of({ bytes: table.bytes, ...table.at(entry) }));
      expect(sorted).toEqual([...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
    }),
    { numRuns: 500 },
  );
});

test("a cursor over an empty table ends at once", () => {
  expect(new TableCursor(new ByteTable()).advance()).toBe(false);
});
