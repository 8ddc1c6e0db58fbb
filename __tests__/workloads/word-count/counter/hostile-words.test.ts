import { ByteTable } from "../../../../workloads/word-count/counter/byte-table";
import { fnv1a, wordsAgainstEveryStart, wordsAgainstLowByte } from "../../../support/hostile-words";
import { seededRandom } from "../../../../kit/lib/seeded-random";

const random = seededRandom(1);
const below = (limit: number): number => Math.floor(random() * limit);
const LOW_BYTE = 7;
const TABLES = 50;
/** With FNV-1a it is a hundred times; one of two cores may be taken at any moment. */
const MOST_TIMES_AS_LONG = 4;

const SETS: readonly (readonly [string, string[]])[] = [
  ["words against FNV-1a with whatever start value", wordsAgainstEveryStart()],
  ["words against FNV-1a with one start value in 256", wordsAgainstLowByte(LOW_BYTE)],
];

/** As many words of the same lengths that nobody made for anything. */
const ordinary = (words: readonly string[]): string[] =>
  words.map(({ length }) => Array.from({ length }, () => String.fromCharCode(0x61 + below(26))).join(""));

const distinct = (words: readonly string[], hashOf: (word: string) => number): number => new Set(words.map(hashOf)).size;

function milliseconds(words: readonly Buffer[]): number {
  const table = new ByteTable({ ...new ByteTable().secrets, start: (below(2 ** 24) << 8) | LOW_BYTE });
  const before = process.cpuUsage();
  for (let round = 0; round < 4; round += 1) for (const word of words) table.add(word, 0, word.length, table.hash(word, 0, word.length), 1);
  const { user, system } = process.cpuUsage(before);
  expect(table.size).toBe(words.length);
  return (user + system) / 1_000;
}

describe.each(SETS)("%s", (_, words) => {
  test("do fall together there: the set is what it says", () => {
    for (let each = 0; each < 3; each += 1) {
      const start = (below(2 ** 24) << 8) | LOW_BYTE;
      const hashes = distinct(words, (word) => fnv1a(start, word));
      expect({ start, hashes, together: hashes <= words.length / 10 }).toEqual({ start, hashes, together: true });
    }
  });

  test("don't in a table, whatever its secrets are (invariant 7)", () => {
    for (let each = 0; each < TABLES; each += 1) {
      const table = new ByteTable();
      const hashes = distinct(words, (word) => table.hash(Buffer.from(word), 0, word.length));
      // of 4,096 words any two share one of 2^32 hashes once in 500 tables
      expect({ secrets: table.secrets, together: words.length - hashes <= 3 }).toEqual({ secrets: table.secrets, together: true });
    }
  });
});

test("words against a start value that is guessed right cost what other words of their lengths cost (invariant 7)", () => {
  const words = wordsAgainstLowByte(LOW_BYTE);
  const [hostile, others] = [words, ordinary(words)].map((set) => set.map((word) => Buffer.from(word)));
  let [attacked, usual] = [Infinity, Infinity];
  // one after the other, the best of each: what else the machine does hits both
  for (let round = 0; round < 7; round += 1) {
    attacked = Math.min(attacked, milliseconds(hostile ?? []));
    usual = Math.min(usual, milliseconds(others ?? []));
  }
  expect(attacked / usual).toBeLessThan(MOST_TIMES_AS_LONG);
});

test("no two tables have the same secrets, and no secret loses a bit", () => {
  const secrets = Array.from({ length: 1_000 }, () => new ByteTable().secrets);
  expect(new Set(secrets.map(({ start, multiplier }) => `${start} ${multiplier}`)).size).toBe(secrets.length);
  expect(secrets.filter(({ multiplier }) => multiplier % 2 === 0)).toEqual([]);
  // each of the other bits is random: 1,000 tables all have it once in 2^999
  const seen = (values: readonly number[]): string =>
    Array.from({ length: 32 }, (_, bit) => new Set(values.map((value) => (value >>> bit) & 1)).size).join("");
  expect(seen(secrets.map(({ start }) => start))).toBe("2".repeat(32));
  expect(seen(secrets.map(({ multiplier }) => multiplier))).toBe(`1${"2".repeat(31)}`);
});
