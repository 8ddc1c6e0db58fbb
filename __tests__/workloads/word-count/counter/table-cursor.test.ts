import fc from "fast-check";
import { ByteTable } from "../../../../workloads/word-count/counter/byte-table";
import { sortedEntries } from "../../../../workloads/word-count/counter/table-cursor";
import { WordText } from "../../../../workloads/word-count/counter/word-text";
import { addWord } from "../../../support/byte-table";

function sortedWords(words: readonly string[]): string[] {
  const table = new ByteTable();
  for (const word of words) addWord(table, word);
  const text = new WordText();
  return Array.from(sortedEntries(table), (entry) => text.of({ bytes: table.bytes, ...table.at(entry) }));
}
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
/** A word in so many others' company that its four bytes decide nothing. */
const grouped = (prefix: string, tails: readonly string[]): string[] => tails.map((tail) => prefix + tail);

test("groups of every size that share beginnings of any length come out in the order of their bytes", () => {
  const tail = fc.string({ unit: fc.constantFrom("a", "b", "\0", "\u007f", "é", "\uffff", "\u{10000}"), maxLength: 9 });
  const group = fc.tuple(
    fc.constantFrom("", "a", "abc", "abcd", "abcde", "x".repeat(60), "x".repeat(64), "x".repeat(66), "x".repeat(200)),
    fc.array(tail, { maxLength: 40 }),
  );
  fc.assert(
    fc.property(fc.array(group, { maxLength: 8 }), (groups) => {
      const words = [...new Set(groups.flatMap(([prefix, tails]) => grouped(prefix, tails)))];
      expect(sortedWords(words)).toEqual([...words].sort(byBytes));
    }),
    { numRuns: 300 },
  );
});

test("thousands of words with one long beginning", () => {
  const words = Array.from({ length: 3_000 }, (_, index) => `${"common".repeat(20)}${(index * 7_919) % 3_000}`);
  expect(sortedWords(words)).toEqual([...words].sort(byBytes));
});

test("a word and itself with NUL bytes behind it, beyond the depth that keys go to", () => {
  const words = Array.from({ length: 20 }, (_, zeros) => `word${"\0".repeat(zeros * 9)}`).reverse();
  expect(sortedWords(words)).toEqual([...words].reverse());
});
