import fc from "fast-check";
import { seededRandom } from "../../../../kit/lib/seeded-random";
import { countSplit, LEAST_MEMORY_OF_KERNEL_BYTES } from "../../../../workloads/word-count/count-split";
import { Kernel, LEAST_KERNEL_BYTES } from "../../../../workloads/word-count/simd/kernel";
import { expectAsReference } from "../../../support/as-reference";
import { chunked, countDeps, temporaryDirectory } from "../../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.assertEmpty();
  directory.remove();
});

const all = { minimumWordLength: 1, top: 10 };
const plenty = countDeps(directory.path, { memoryBytes: 256 * 2 ** 20 });
/** So little that the kernel's smallest tables fill and go to the sink, again and again. */
const least = countDeps(directory.path, { memoryBytes: LEAST_MEMORY_OF_KERNEL_BYTES });

/** Letters of one to four bytes, some of which lower-casing or normalisation changes. */
const ALPHABETS = ["abcdefgh", "aAbB09", "aé", "ñÅ\u0301e", "жЖ", "漢字", "\u{1d49c}\u{10428}", "ΣσςİI"].map((letters) =>
  Array.from(letters),
);

const kernel = Kernel.acquire({ limitBytes: LEAST_KERNEL_BYTES, minimumWordLength: 1, maximumWordLength: 1, maximumRawLength: 1 });
/** The text that the kernel takes at a time. */
const INPUT_BYTES = kernel.inputBytes;
kernel.release();

/** Of which the kernel's three tables are for those up to 8, up to 16 and of more bytes. */
const LONGEST_LETTERS = [8, 16, 40];
/** The tables grow twice and more, whichever of them a word is in. */
const WORDS = 3_000;

/** A text of different words, each followed by some of those before: these are counted again before and after tables have grown. */
function textOf(alphabet: readonly string[], longest: number, seed: number): Buffer {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const word = (): string => Array.from({ length: 1 + below(longest) }, () => alphabet[below(alphabet.length)] ?? "").join("");
  const vocabulary = Array.from({ length: WORDS }, word);
  const again = (index: number): string[] => Array.from({ length: below(3) }, () => vocabulary[below(index + 1)] ?? "");
  return Buffer.from(vocabulary.flatMap((each, index) => [each, ...again(index)]).join(" "));
}

test.each([
  ["tables that grow", plenty],
  ["tables that go to the sink when they are full", least],
])("vocabularies of every kind count as the reference does: %s", async (_, deps) => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.constantFrom(1_000, 65_536), async (seed, size) => {
      for (const alphabet of ALPHABETS)
        for (const longest of LONGEST_LETTERS) await expectAsReference(textOf(alphabet, longest, seed), [size], all, deps);
    }),
    { numRuns: 3 },
  );
});

test.each(["word", "don't", "ångström’s", "a".repeat(17), "漢字", "'", "x'"])(
  "%j counts as the reference does wherever it lies across the end of what the kernel takes at a time",
  async (word) => {
    const bytes = Buffer.byteLength(word);
    for (let before = bytes + 3; before >= 0; before -= 1) {
      const text = Buffer.from(`first${" ".repeat(INPUT_BYTES - before - 5)}${word}, last`);
      await expectAsReference(text, [text.length], all, plenty);
    }
  },
);

test("words without end before, between and after others count as the reference does", async () => {
  const endless = "a".repeat(2 * INPUT_BYTES);
  for (const text of [endless, `first ${endless} middle ${endless}é last`, `${endless.slice(0, INPUT_BYTES)} last`])
    await expectAsReference(Buffer.from(text), [65_536, 777], all, plenty);
});

test("a kernel that was asked for with too little memory for it is refused, by size", async () => {
  const deps = { ...countDeps(directory.path, { memoryBytes: 100_000 }), engine: "simd" } as const;
  const source = { body: chunked(Buffer.from("text"), [4]), namedGzip: false };
  await expect(countSplit(source, { ...all, encoding: "auto" }, deps)).rejects.toThrow(
    `20000 bytes are too little for the counter's kernel; give it ${LEAST_KERNEL_BYTES} or more`,
  );
});
