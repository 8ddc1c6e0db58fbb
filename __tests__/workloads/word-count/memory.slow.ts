import { BoundedMemory } from "../../support/bounded-memory";

const memory = new BoundedMemory(16 * 2 ** 20);
beforeAll(() => memory.build());
afterAll(() => {
  memory.remove();
});

test.each([
  ["distinct-words", 24],
  ["distinct-spellings", 16],
])("invariant 9: memory does not depend on the number of distinct words (%s)", (kind, megabytes) =>
  memory.expectManyWords(kind, megabytes, 1_000_000),
);

test.each([
  ["one-word", 1_000],
  ["one-accented-word", 50],
  ["no-words", 50],
])("invariant 9: memory does not depend on the length of a word or of the text (%s)", (kind, megabytes) =>
  memory.expectLongText(kind, megabytes),
);
