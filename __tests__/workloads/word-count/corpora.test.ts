import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { countSplit } from "../../../workloads/word-count/count-split";
import { countAll, countDeps, temporaryDirectory, type Counted } from "../../support/count-harness";
import { numberedWords, addresses, writeOddFiles } from "../../support/data-sets";
import { referenceCountFile } from "../../support/reference";

const files = temporaryDirectory();
const work = temporaryDirectory();
const deps = countDeps(work.path);
afterAll(() => {
  files.remove();
  work.remove();
});
afterEach(() => {
  work.assertEmpty();
});

const fileSource = (path: string, chunkBytes = 65_536): { body: AsyncIterable<Uint8Array>; namedGzip: boolean } => ({
  body: createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Uint8Array>,
  namedGzip: path.endsWith(".gz"),
});

/** As text: comparing long lists item by item takes the test runner seconds. */
const textOf = (
  counted:
    | Pick<Counted, "encoding" | "textBytes" | "invalidBytes" | "totalWords" | "distinctWords" | "overlongWords" | "words" | "counts">
    | undefined,
): string => {
  if (counted === undefined) return "no text";
  const { encoding, textBytes, invalidBytes, totalWords, distinctWords, overlongWords, words, counts } = counted;
  const facts = `${encoding} ${String(textBytes)} ${String(invalidBytes)}`;
  const line = ({ word, count }: { word: string; count: number }): string => `${word} ${String(count)}`;
  return [
    facts,
    `${String(totalWords)} ${String(distinctWords)} ${String(overlongWords)}`,
    ...words.map(line),
    "",
    ...counts.map(line),
  ].join("\n");
};

test("real prose, 233 texts, counts as the reference does, with the course's rule of 5 letters (O.2) and with all words", async () => {
  const { directory, names } = await addresses();
  expect(names.length).toBeGreaterThan(200);
  let words = 0;
  for (const [index, name] of names.entries()) {
    const path = join(directory, name);
    const options = { minimumWordLength: index % 2 === 0 ? 5 : 1, top: 10 };
    const counted = await countAll(fileSource(path, 8_000 + 37 * index), options, deps);
    expect(textOf(counted)).toBe(textOf(referenceCountFile(path, options)));
    words += counted.totalWords;
  }
  expect(words).toBeGreaterThan(1_000_000);
});

test("every odd file (D.2) is processed with the reference's counts, skipped or quarantined as it should be", async () => {
  const odd = await writeOddFiles(files.path);
  expect(odd.length).toBeGreaterThan(20);
  for (const expected of odd) {
    const { name, status } = expected;
    const path = join(files.path, name);
    const result = await countSplit(fileSource(path), { minimumWordLength: 5, top: 10, encoding: "auto" }, deps);
    expect({ name, ...result }).toMatchObject({ name, status, ...("reason" in expected ? { reason: expected.reason } : {}) });
    if (result.status !== "processed") continue;
    await result.counts.dispose();
    for (const minimumWordLength of [1, 5]) {
      const counted = await countAll(fileSource(path), { minimumWordLength }, deps);
      expect(textOf(counted)).toBe(textOf(referenceCountFile(path, { minimumWordLength })));
    }
  }
});

test("300,000 distinct words with little memory are counted through the disk", async () => {
  const path = join(files.path, "300,000 words.txt");
  writeFileSync(path, numberedWords(300_000));
  const counted = await countAll(fileSource(path), { minimumWordLength: 1 }, countDeps(work.path, { memoryBytes: 1 << 20 }));
  expect(counted.distinctWords).toBe(300_000);
  expect(textOf(counted)).toBe(textOf(referenceCountFile(path, { minimumWordLength: 1 })));
});
