import fc from "fast-check";
import { compareCodePoints } from "../../../../kit/lib/compare-code-points";
import { TopList } from "../../../../workloads/word-count/counter/top-list";
import { TopWords } from "../../../../workloads/word-count/counter/top-words";

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom("a", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
  ),
  maxLength: 5,
});

const wellFormed = text.filter((word) => !/\p{Surrogate}/u.test(word));

test("code point order is the order of UTF-8 bytes, which UTF-16 order is not", () => {
  const words = ["\u{10400}", "\uff41"];
  expect([...words].sort()).toEqual(words);
  expect([...words].sort(compareCodePoints)).toEqual(["\uff41", "\u{10400}"]);
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(byBytes(a, b));
    }),
    { numRuns: 2_000 },
  );
});

test("a top list is the beginning of the whole list by count and then code points, in whatever order words are offered", () => {
  const entries = fc.uniqueArray(fc.record({ word: text, count: fc.integer({ min: 1, max: 4 }) }), {
    selector: ({ word }) => word,
    maxLength: 40,
  });
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 12 }), (words, limit) => {
      const list = new TopList(limit);
      for (const { word, count } of words) list.offer(word, count);
      expect(list.list()).toEqual([...words].sort((a, b) => b.count - a.count || byBytes(a.word, b.word)).slice(0, limit));
    }),
    { numRuns: 1_000 },
  );
});

test("of words that lie in arrays the same are kept, whatever becomes of the arrays", () => {
  const entries = fc.uniqueArray(fc.record({ word: wellFormed, count: fc.integer({ min: 1, max: 4 }) }), {
    selector: ({ word }) => word,
    maxLength: 40,
  });
  fc.assert(
    fc.property(entries, fc.integer({ min: 1, max: 12 }), (words, limit) => {
      const list = new TopWords(limit);
      const bytes = new Uint8Array(64);
      for (const { word, count } of words) {
        const length = Buffer.from(bytes.buffer).write(word, 3);
        list.offer({ bytes, start: 3, length, count });
        bytes.fill(0xff);
      }
      expect(list.list()).toEqual([...words].sort((a, b) => b.count - a.count || byBytes(a.word, b.word)).slice(0, limit));
    }),
    { numRuns: 500 },
  );
});

test.each([0, -1, 1.5, Number.NaN])("a list of %p words is refused", (limit) => {
  expect(() => new TopList(limit)).toThrow(RangeError);
  expect(() => new TopWords(limit)).toThrow(RangeError);
});
