import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { partialKey } from "../../../../../systems/batch/contracts/state-keys";
import { addPartials } from "../../../../../systems/batch/core/reduce/merge-partials";
import type { CountedPartial } from "../../../../../systems/batch/core/reduce/counted-partial";
import { MemoryObjectStore } from "../../../../../kit/simulator/memory/memory-object-store";
import { asyncValues } from "../../../../../kit/lib/async-values";
import { lineSection, sectionFrom } from "../../../../support/counts-section";
import { sessionsIn, totalWords, wordCountOf } from "../../../../support/word-count";

const STATE = "batch-state";
const REF = { batchId: "01JBATCH000000000000000000", generation: 1 };

let directory = "";
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "filemill-merge-test-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

type Counts = Readonly<Record<string, number>>;

/** Puts partials as commit groups leave them, behind some result lines: every third as it was stored before, the others as today. */
async function stored(store: MemoryObjectStore, partials: readonly Counts[], head = "result lines\n"): Promise<CountedPartial[]> {
  const placed: CountedPartial[] = [];
  for (const [index, counts] of partials.entries()) {
    const entries = Object.entries(counts).map(([text, count]) => ({ word: text, count }));
    const section = index % 3 === 2 ? lineSection(entries) : await sectionFrom(directory, entries);
    const bytes = Buffer.concat([Buffer.from(head), section]);
    store.set(STATE, partialKey(REF, index, 1, 0), bytes);
    const pointer = { claim: 1, group: 0, bytes: bytes.length, sectionOffset: Buffer.byteLength(head), splits: 1 };
    placed.push({ ref: REF, index, pointer });
  }
  return placed;
}

/** The total of a word count that only partials were added to. */
async function merged(
  store: MemoryObjectStore,
  partials: readonly CountedPartial[],
  { memoryBytes, top }: { readonly memoryBytes: number; readonly top: number },
): Promise<ReturnType<typeof totalWords>> {
  const merge = sessionsIn({ store, stateBucket: STATE, directory }).merge(wordCountOf({ top }), { directory, memoryBytes });
  try {
    await addPartials({ store, stateBucket: STATE }, asyncValues(partials), merge);
    return totalWords(await merge.total());
  } finally {
    await merge.dispose();
  }
}

const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 6 });
const partial: fc.Arbitrary<Counts> = fc.dictionary(word, fc.integer({ min: 1, max: 1_000_000 }), { maxKeys: 60, noNullPrototype: true });

test("invariant 9: partials merged with memory for almost none equal a Map, whatever their number and words", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(partial, { maxLength: 30 }), fc.integer({ min: 1, max: 12 }), async (partials, top) => {
      const store = new MemoryObjectStore([STATE]);
      const total = await merged(store, await stored(store, partials), { memoryBytes: 4_096, top });
      const sums = new Map<string, number>();
      for (const [text, count] of partials.flatMap((counts) => Object.entries(counts))) sums.set(text, (sums.get(text) ?? 0) + count);
      const ranked = [...sums]
        .map(([text, count]) => ({ word: text, count }))
        .sort((a, b) => b.count - a.count || Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)));
      expect(total).toEqual({
        ...{ invalidBytes: 0, doubtfulFiles: 0, overlongWords: 0 },
        totalWords: ranked.reduce((sum, { count }) => sum + count, 0),
        distinctWords: sums.size,
        words: ranked.slice(0, top),
      });
      expect(await readdir(directory)).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test("a section longer than what is fetched ahead is read on to its end", async () => {
  const store = new MemoryObjectStore([STATE]);
  const counts = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`${index}`.padEnd(1_000, "word"), 1]));
  expect(await merged(store, await stored(store, [counts]), { memoryBytes: 64 * 1_048_576, top: 1 })).toMatchObject({
    totalWords: 3_000,
    distinctWords: 3_000,
  });
  expect(store.gets.length).toBeGreaterThan(1);
});

test("a partial that is cut or gone fails the merge and leaves nothing behind", async () => {
  const store = new MemoryObjectStore([STATE]);
  const partials = await stored(store, [{ alpha: 1 }, { betas: 2 }]);
  for (const cut of ['["bet', "\x89coun"]) {
    store.set(STATE, partialKey(REF, 1, 1, 0), Buffer.from(`result lines\n${cut}`, "latin1"));
    await expect(merged(store, partials, { memoryBytes: 4_096, top: 1 })).rejects.toThrow("the partial is damaged");
  }
  store.deleteObject(STATE, partialKey(REF, 1, 1, 0));
  await expect(merged(store, partials, { memoryBytes: 4_096, top: 1 })).rejects.toThrow("no such object");
  await writeFile(path.join(directory, "others"), "");
  expect(await readdir(directory)).toEqual(["others"]);
});
