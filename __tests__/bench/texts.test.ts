import { figuresOf } from "../../bench/peers/run-scenario";
import { ratioOf, spreadOf } from "../../bench/measured/statistics";
import { repeated, shareOfNonAscii } from "../../bench/texts/text-bytes";
import { vocabularyText } from "../../bench/texts/vocabulary";
import { addresses } from "../support/data-sets";
import { referenceCount } from "../support/reference";
import { readFile } from "node:fs/promises";
import path from "node:path";

const sample = async (): Promise<string> => {
  const { directory, names } = await addresses();
  return readFile(path.join(directory, names[0] ?? ""), "utf8");
};

test("a text of many words has exactly those, each in real letters, and is the same for a seed", async () => {
  const options = { bytes: 300_000, distinctWords: 3_000, seed: 7 };
  const text = await sample();
  const made = Buffer.concat([...vocabularyText(text, options)]);
  expect(made.length).toBeLessThanOrEqual(options.bytes);
  const { counts, distinctWords } = referenceCount(made.toString(), { minimumWordLength: 1 });
  expect(distinctWords).toBe(options.distinctWords);
  expect(Buffer.concat([...vocabularyText(text, options)])).toEqual(made);
  // Zipf's law: half of the ranks, on a scale of logarithms, have about half of the text
  const sorted = counts.map(({ count }) => count).sort((a, b) => b - a);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const share = sum(sorted.slice(0, Math.round(Math.sqrt(options.distinctWords)))) / sum(sorted);
  expect(share).toBeGreaterThan(0.35);
  expect(share).toBeLessThan(0.6);
});

test("words that don't fit into the text are an error", async () => {
  const text = await sample();
  expect(() => [...vocabularyText(text, { bytes: 1_000, distinctWords: 3_000, seed: 1 })]).toThrow("don't fit into 1000 bytes");
});

test("a text that is repeated ends with a whole line", () => {
  expect(Buffer.concat([...repeated(Buffer.from("one\ntwo\n"), 14)]).toString()).toBe("one\ntwo\none\n");
  expect(() => [...repeated(Buffer.alloc(0), 14)]).toThrow(RangeError);
});

test("bytes beyond ASCII are counted as bytes", () => {
  expect(shareOfNonAscii(Buffer.from("ab\u00e9"))).toBe(0.5);
  expect(shareOfNonAscii(Buffer.alloc(0))).toBe(0);
});

test("medians and quotients of runs that followed each other", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, minimum: 1, maximum: 3 });
  expect(spreadOf([4, 1, 2, 3])).toMatchObject({ median: 2.5 });
  // the machine was twice as slow in the second run
  expect(ratioOf([1, 2, 1], [2, 4, 2])).toBe(0.5);
});

test("lost and doubled words don't make up for each other", () => {
  const runs = [
    { seconds: 1, totalWords: 90, killed: true },
    { seconds: 2, totalWords: 110, killed: false },
    { totalWords: 0, killed: true, failure: "it has ended" },
  ];
  expect(figuresOf("peer", runs, 100)).toMatchObject({
    lostWords: 110,
    doubledWords: 10,
    killed: 2,
    failures: ["it has ended"],
    seconds: { minimum: 1, maximum: 2 },
  });
});
