import fc from "fast-check";
import type { ByteRange } from "../../../kit/lib/byte-range";
import type { TextEncoding } from "../../../workloads/text/text-encodings";
import { contentKind } from "../../../workloads/text/content-kind";
import { countSplit } from "../../../workloads/word-count/count-split";
import { chunked, countAll, countDeps, temporaryDirectory, type Counted } from "../../support/count-harness";
import { referenceCountBytes } from "../../support/reference";
import { chunkSizes, soupBytes, soupUnits, soupUtf32, utf16 } from "../../support/text-soup";

const directory = temporaryDirectory();
const deps = countDeps(directory.path);
const all = { minimumWordLength: 1, top: 3, encoding: "auto" } as const;
afterAll(() => {
  directory.remove();
});
afterEach(() => {
  directory.assertEmpty();
});

/** Ranges that share the cuts: from 0 to the first, and so on to the end. */
function rangesOf(size: number, cuts: readonly number[]): ByteRange[] {
  const edges = [0, ...[...new Set(cuts)].filter((cut) => cut > 0 && cut < size).sort((a, b) => a - b), size];
  return edges.slice(1).map((end, index) => ({ start: edges[index] ?? 0, end, index, count: edges.length - 1 }));
}

type Sums = Pick<Counted, "textBytes" | "invalidBytes" | "totalWords" | "overlongWords" | "counts">;
function addUp(parts: readonly Counted[]): Sums {
  const sums = new Map<string, number>();
  for (const { word, count } of parts.flatMap(({ counts }) => counts)) sums.set(word, (sums.get(word) ?? 0) + count);
  const counts = [...sums]
    .map(([word, count]) => ({ word, count }))
    .sort((a, b) => Buffer.compare(Buffer.from(a.word), Buffer.from(b.word)));
  const total = (of: (part: Counted) => number): number => parts.reduce((sum, part) => sum + of(part), 0);
  return {
    textBytes: total(({ textBytes }) => textBytes),
    invalidBytes: total(({ invalidBytes }) => invalidBytes),
    totalWords: total(({ totalWords }) => totalWords),
    overlongWords: total(({ overlongWords }) => overlongWords),
    counts,
  };
}

async function expectRangesToAddUp(
  bytes: Uint8Array,
  encoding: TextEncoding,
  cuts: readonly number[],
  sizes: readonly number[],
): Promise<void> {
  const expected = referenceCountBytes(bytes, all);
  if (expected === undefined) return; // no text: the planner would not cut it
  const parts: Counted[] = [];
  for (const range of rangesOf(bytes.length, cuts)) {
    const body = chunked(bytes.subarray(range.start), sizes);
    parts.push(await countAll({ body, namedGzip: false, range, encoding }, all, deps));
  }
  const { textBytes, invalidBytes, totalWords, overlongWords, counts } = expected;
  expect(addUp(parts)).toEqual({ textBytes, invalidBytes, totalWords, overlongWords, counts });
}

const isUtf8 = (bytes: Uint8Array): boolean => {
  const content = contentKind(bytes, "auto");
  return content.kind === "text" && content.encoding === "utf-8";
};

test("UTF-8 cut at every byte adds up to the whole", async () => {
  const text = "one two, don't d’être e\u0301te\u0301 l'a'b 中文。日本語 \ud835\udc9c a.b\r\nlast";
  const bytes = new Uint8Array(Buffer.concat([Buffer.from(text), Buffer.from([0xe2, 0x80]), Buffer.from(" x\xe9")]));
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 7) await expectRangesToAddUp(bytes, "utf-8", [first, second], [5]);
  }
  await expectRangesToAddUp(bytes, "utf-8", Array.from(bytes.keys()), [3]);
});

test("any UTF-8 soup cut anywhere, read in any chunks, adds up to the whole", async () => {
  await fc.assert(
    fc.asyncProperty(soupBytes, fc.array(fc.nat(200), { maxLength: 6 }), chunkSizes, (bytes, cuts, sizes) => {
      // what happens to begin with a UTF-16 byte order mark is UTF-16, and the planner would say so
      fc.pre(isUtf8(bytes));
      return expectRangesToAddUp(bytes, "utf-8", cuts, sizes);
    }),
    { numRuns: 1_500 },
  );
});

test("any UTF-16 soup cut at even places adds up to the whole", async () => {
  await fc.assert(
    fc.asyncProperty(
      soupUnits,
      fc.boolean(),
      fc.boolean(),
      fc.array(fc.nat(100), { maxLength: 6 }),
      chunkSizes,
      (text, bigEndian, odd, cuts, sizes) =>
        expectRangesToAddUp(
          utf16(text, bigEndian, odd),
          bigEndian ? "utf-16be" : "utf-16le",
          cuts.map((cut) => 2 * cut),
          sizes,
        ),
    ),
    { numRuns: 1_500 },
  );
});

test("any UTF-32 soup cut at whole units adds up to the whole", async () => {
  await fc.assert(
    fc.asyncProperty(soupUtf32, fc.array(fc.nat(100), { maxLength: 6 }), chunkSizes, ({ bigEndian, bytes }, cuts, sizes) =>
      expectRangesToAddUp(
        bytes,
        bigEndian ? "utf-32be" : "utf-32le",
        cuts.map((cut) => 4 * cut),
        sizes,
      ),
    ),
    { numRuns: 600 },
  );
});

test("a text without any safe separator belongs to its first range, and reading the others ends where they end", async () => {
  const bytes = Buffer.from("中文。".repeat(1_000));
  const range = (start: number, end: number, index: number): ByteRange => ({ start, end, index, count: 3 });
  const whole = await countAll({ body: chunked(bytes, [100]), namedGzip: false, range: range(0, 3_000, 0), encoding: "utf-8" }, all, deps);
  expect(whole.totalWords).toBe(1_000);
  const body = chunked(bytes.subarray(3_000), [100]);
  expect(await countAll({ body, namedGzip: false, range: range(3_000, 6_000, 1), encoding: "utf-8" }, all, deps)).toMatchObject({
    totalWords: 0,
  });
  expect(body.ended).toBe(true);
});

test("the body is left as soon as the range is cut", async () => {
  const bytes = Buffer.from("word ".repeat(10_000));
  const body = chunked(bytes, [10]);
  const range = { start: 0, end: 102, index: 0, count: 2 };
  expect(await countAll({ body, namedGzip: false, range, encoding: "utf-8" }, all, deps)).toMatchObject({ totalWords: 21 });
  expect(body.ended).toBe(true);
  expect(body.taken).toBeLessThanOrEqual(120);
});

test("what no planner makes is refused: gzip with a range, a range without encoding, an odd start of UTF-16", async () => {
  const range = { start: 3, end: 8, index: 1, count: 2 };
  const source = { body: chunked(Buffer.from("some text"), [4]), namedGzip: false, range };
  await expect(countSplit({ ...source, namedGzip: true, encoding: "utf-8" }, all, deps)).rejects.toThrow(/gzip/);
  await expect(countSplit(source, all, deps)).rejects.toThrow(/encoding/);
  await expect(countSplit({ ...source, encoding: "utf-16le" }, all, deps)).rejects.toThrow(/a start that 2 divides/);
});
