import { BoundedMemory } from "../../support/bounded-memory";

/** Small, so that little text is many times as much; `memory.slow.ts` counts more in the memory that a slot has. */
const memory = new BoundedMemory(4 * 2 ** 20);
beforeAll(() => memory.build());
afterAll(() => {
  memory.remove();
});

test.each([
  ["distinct-words", 8, 1_000_000],
  ["distinct-spellings", 6, 700_000],
])("invariant 9: memory does not depend on the number of distinct words (%s)", (kind, megabytes, words) =>
  memory.expectManyWords(kind, megabytes, words),
);

test.each([
  ["one-word", 64],
  ["one-accented-word", 32],
  ["no-words", 32],
])("invariant 9, S1.120: memory does not depend on the length of a word or of the text (%s)", (kind, megabytes) =>
  memory.expectLongText(kind, megabytes),
);
