import fc from "fast-check";
import { rankedEntries } from "../../../../workloads/word-count/counter/ranked-entries";
import { collect, temporaryDirectory } from "../../../support/count-harness";

const directory = temporaryDirectory();
afterAll(() => {
  directory.remove();
});
type Entry = Readonly<{ word: string; count: number }>;
async function* each(entries: readonly Entry[]): AsyncGenerator<Entry> {
  yield* await Promise.resolve(entries);
}
const ranked = (entries: readonly Entry[], memoryBytes: number): Promise<Entry[]> =>
  collect(rankedEntries(each(entries), { memoryBytes, directory: directory.path }));
const byRank = (a: Entry, b: Entry): number => b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word));

test("any words come by count, highest first, then by code points, with memory for almost none or for all; nothing is left behind", async () => {
  const count = fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }));
  const words = fc.uniqueArray(fc.record({ word: fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }), count }), {
    selector: ({ word }) => word,
    maxLength: 80,
  });
  await fc.assert(
    fc.asyncProperty(words, fc.constantFrom(256, 1 << 20), async (entries, memoryBytes) => {
      expect(await ranked(entries, memoryBytes)).toEqual(entries.toSorted(byRank));
      directory.assertEmpty();
    }),
    { numRuns: 60 },
  );
});

test("a reader that stops early, and a source that fails, leave nothing behind", async () => {
  const many = Array.from({ length: 2_000 }, (_, index) => ({ word: `word${String(index)}`, count: 1 + (index % 7) }));
  const options = { memoryBytes: 16_384, directory: directory.path };
  for await (const { count } of rankedEntries(each(many), options)) {
    expect(count).toBe(7);
    break;
  }
  directory.assertEmpty();
  async function* failing(): AsyncGenerator<Entry> {
    yield* each(many);
    throw new Error("broken off");
  }
  await expect(collect(rankedEntries(failing(), options))).rejects.toThrow("broken off");
  directory.assertEmpty();
});
