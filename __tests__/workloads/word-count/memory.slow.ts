import { BoundedMemory } from "../../support/bounded-memory";

const MEBIBYTE = 2 ** 20;

/** So little that a small text is many times as much, and what a slot has. */
describe.each([
  [4, { words: 8, spellings: 6, one: 64, accented: 32, none: 32, leastWords: 700_000 }],
  [16, { words: 24, spellings: 16, one: 1_000, accented: 50, none: 50, leastWords: 1_000_000 }],
])("invariant 9: with %s MiB, memory does not depend", (mebibytes, { accented, leastWords, none, one, spellings, words }) => {
  const memory = new BoundedMemory(mebibytes * MEBIBYTE);
  beforeAll(() => memory.build());
  afterAll(() => {
    memory.remove();
  });

  test.each([
    ["distinct-words", words],
    ["distinct-spellings", spellings],
  ])("on the number of distinct words (%s)", (kind, megabytes) => memory.expectManyWords(kind, megabytes, leastWords));

  test.each([
    ["one-word", one],
    ["one-accented-word", accented],
    ["no-words", none],
  ])("on the length of a word or of the text, S1.120 (%s)", (kind, megabytes) => memory.expectLongText(kind, megabytes));
});
