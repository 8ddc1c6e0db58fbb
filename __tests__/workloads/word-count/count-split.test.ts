import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { WordCountOptions } from "../../../workloads/word-count/options";
import { countSplit, type SplitSource } from "../../../workloads/word-count/count-split";
import { expectAsReference } from "../../support/as-reference";
import { chunked, collect, countAll, countDeps, temporaryDirectory } from "../../support/count-harness";
import { referenceCount, referenceCountBytes } from "../../support/reference";
import { chunkSizes, soupBytes, soupUnits, soupUtf32, utf16 } from "../../support/text-soup";

const directory = temporaryDirectory();
const deps = countDeps(directory.path);
/** So little memory that pieces are 64 bytes and tables spill all the time. */
const tiny = countDeps(directory.path, { memoryBytes: 1_024 });

afterAll(() => {
  directory.remove();
});
afterEach(() => {
  directory.assertEmpty();
});

const all = { minimumWordLength: 1, top: 3, encoding: "auto" } as const;
const source = (bytes: Uint8Array, sizes: readonly number[] = [bytes.length + 1]): SplitSource => ({
  body: chunked(bytes, sizes),
  namedGzip: false,
});
const count = (
  text: string | Uint8Array,
  options: Partial<WordCountOptions> = all,
  sizes?: readonly number[],
): ReturnType<typeof countAll> => countAll(source(typeof text === "string" ? Buffer.from(text) : text, sizes), options, deps);

describe("words by the product's definition", () => {
  test("any UTF-8 soup in any chunks counts as the reference does", async () => {
    await fc.assert(
      fc.asyncProperty(soupBytes, chunkSizes, fc.integer({ min: 1, max: 6 }), (bytes, sizes, minimumWordLength) =>
        expectAsReference(bytes, sizes, { minimumWordLength, top: 3 }, deps),
      ),
      { numRuns: 3_000 },
    );
  });

  test("any bytes in any chunks count as the reference does, also with almost no memory", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), chunkSizes, (bytes, sizes) => expectAsReference(bytes, sizes, all, tiny)),
      { numRuns: 500 },
    );
  });

  test("a soup counts the same with almost no memory", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(soupBytes, { maxLength: 12 }), chunkSizes, (parts, sizes) =>
        expectAsReference(Buffer.concat(parts), sizes, all, tiny),
      ),
      { numRuns: 300 },
    );
  });

  test("UTF-16 of both byte orders with a byte order mark, lone surrogates and half a unit at the end counts as the reference does", async () => {
    await fc.assert(
      fc.asyncProperty(soupUnits, fc.boolean(), fc.boolean(), chunkSizes, (text, bigEndian, odd, sizes) =>
        expectAsReference(utf16(text, bigEndian, odd), sizes, all, deps),
      ),
      { numRuns: 1_500 },
    );
  });

  test("UTF-32 of both byte orders with a byte order mark, units that are no code points and a part of one counts as the reference does", async () => {
    await fc.assert(
      fc.asyncProperty(soupUtf32, chunkSizes, ({ bytes }, sizes) => expectAsReference(bytes, sizes, all, deps)),
      { numRuns: 600 },
    );
  });

  test("words that fall together after normalisation and lower-casing are one word", async () => {
    const { counts } = await count("Café CAFE\u0301 cafe\u0301 café don't DON\u2019T \u212bngstrom ångstrom Kelvin \u212aelvin");
    expect(counts).toEqual([
      { word: "café", count: 4 },
      { word: "don't", count: 2 },
      { word: "kelvin", count: 2 },
      { word: "ångstrom", count: 2 },
    ]);
  });

  test("lengths are code points after normalisation, and words below the minimum are left out of every sum (O.2)", async () => {
    const counted = await count(
      "four fives \u{1d49c}\u{1d49c}\u{1d49c}\u{1d49c} e\u0301e\u0301e\u0301e\u0301 e\u0301e\u0301e\u0301e\u0301e\u0301",
      { minimumWordLength: 5, top: 10 },
    );
    expect(counted).toMatchObject({ totalWords: 2, distinctWords: 2, overlongWords: 0 });
    expect(counted.counts.map(({ word }) => word)).toEqual(["fives", "ééééé"]);
  });
});

describe("long words", () => {
  const longestMark = "α\u0313\u0300\u0345";
  const cases: [string, string, number, number][] = [
    ["1,024 letters", "a".repeat(1_024), 1, 0],
    ["1,025 letters", "a".repeat(1_025), 0, 1],
    ["1,023 letters and an apostrophe inside", `${"a".repeat(500)}'${"b".repeat(523)}`, 1, 0],
    ["1,024 letters and an apostrophe inside", `${"a".repeat(500)}’${"b".repeat(524)}`, 0, 1],
    ["1,024 letters and an apostrophe after them", `${"a".repeat(1_024)}'`, 1, 0],
    ["4,096 code points that become 1,024", longestMark.repeat(1_024), 1, 0],
    ["4,100 code points that become 1,025", longestMark.repeat(1_025), 0, 1],
    ["4,096 code points that stay", "é".repeat(4_096), 0, 1],
    ["1,024 that become 2,048 by lower-casing", "İ".repeat(1_024), 0, 1],
    ["512 that become 1,024 by lower-casing", "İ".repeat(512), 1, 0],
    ["1,024 astral letters", "\u{1d49c}".repeat(1_024), 1, 0],
    ["1,025 astral letters", "\u{1d49c}".repeat(1_025), 0, 1],
    ["200,000 letters with apostrophes inside", "abc'".repeat(50_000) + "d", 0, 1],
    ["200,000 letters", "a".repeat(200_000), 0, 1],
  ];

  test.each(cases)("%s", async (_, word, totalWords, overlongWords) => {
    const text = `first ${word} last`;
    const expected = referenceCountBytes(Buffer.from(text), all);
    expect(expected).toMatchObject({ totalWords: totalWords + 2, overlongWords });
    for (const sizes of [[1 << 20], [7], [65_536]]) {
      expect(await count(text, all, sizes)).toEqual(expected);
      const known = { ...source(Buffer.from(text), sizes), encoding: "utf-8" } as const;
      expect(await countAll(known, all, deps)).toEqual(expected);
    }
  });

  test.each(["é", "É", "e\u0301", "a"])("an overlong word of %j counts each time it occurs", async (letter) => {
    for (const length of [1_025, 5_000]) {
      const text = `${letter.repeat(length)} `.repeat(7);
      expect(await count(text)).toMatchObject({ totalWords: 0, overlongWords: 7 });
    }
  });
});

describe("what a file is", () => {
  test("an empty file is processed with an empty list", async () => {
    expect(await count("")).toEqual({
      encoding: "utf-8",
      textBytes: 0,
      invalidBytes: 0,
      totalWords: 0,
      distinctWords: 0,
      overlongWords: 0,
      words: [],
      counts: [],
    });
  });

  test("a NUL byte in the first 8 KiB makes it not-text (S1.32), one after that separates words", async () => {
    const bytes = Buffer.from(`${"word ".repeat(1_638)}ab\0cd more`);
    expect(bytes.indexOf(0)).toBe(8_192);
    expect(await count(bytes)).toEqual(referenceCountBytes(bytes, all));
    const earlier = bytes.subarray(1);
    for (const sizes of [[1], [8_191], [100_000]]) {
      const body = chunked(earlier, sizes);
      expect(await countSplit({ body, namedGzip: false }, all, deps)).toEqual({ status: "skipped", reason: "not-text" });
      expect(body.ended).toBe(true);
    }
  });

  test("UTF-16 is text although it is full of NUL bytes", async () => {
    expect((await count(utf16("Hello hello", false))).words).toEqual([{ word: "hello", count: 2 }]);
    expect((await count(utf16("Hello hello", true))).words).toEqual([{ word: "hello", count: 2 }]);
  });

  test("the whole list of a file that ties at rank 10 is cut by code points", async () => {
    const words = Array.from({ length: 20 }, (_, index) => `word${String.fromCodePoint(0x1_0400 + 19 - index)}`).concat("word\uff41");
    const { words: top } = await count(words.join(" "), { minimumWordLength: 1, top: 10 });
    expect(top).toHaveLength(10);
    expect(top[0]).toEqual({ word: "word\uff41", count: 1 });
    expect(top).toEqual(referenceCount(words.join(" "), { minimumWordLength: 1 }).words);
  });
});

describe("gzip", () => {
  const text = Buffer.from("Hello wörld, it’s packed. ".repeat(5_000));
  const packed = gzipSync(text);
  const gzip = (bytes: Uint8Array, sizes: readonly number[]): SplitSource => ({ body: chunked(bytes, sizes), namedGzip: true });

  test.each([[[1 << 20]], [[1]], [[7, 1]]])("is unpacked as a stream in chunks of %j, concatenated members too", async (sizes) => {
    const twice = Buffer.concat([packed, gzipSync(" and more"), gzipSync("")]);
    expect(await countAll(gzip(twice, sizes), all, deps)).toEqual(referenceCountBytes(Buffer.from(`${text.toString()} and more`), all));
  });

  test("cut anywhere it is corrupt-gzip, but nothing at all is an empty file", async () => {
    const small = gzipSync("some text to pack");
    for (let length = 1; length < small.length; length += 1) {
      expect(await countSplit(gzip(small.subarray(0, length), [5]), all, deps)).toMatchObject({
        status: "quarantined",
        reason: "corrupt-gzip",
      });
    }
    expect(await countAll(gzip(new Uint8Array(0), [1]), all, deps)).toMatchObject({ totalWords: 0, counts: [] });
  });

  test("damaged, not gzip at all, or followed by other bytes it is corrupt-gzip", async () => {
    const damaged = Uint8Array.from(packed);
    damaged[damaged.length - 6] = (damaged[damaged.length - 6] ?? 0) ^ 0xff; // in the checksum
    for (const bytes of [damaged, Buffer.from("plain text"), Buffer.concat([packed, Buffer.from("more")])]) {
      expect(await countSplit(gzip(bytes, [1_000]), all, deps)).toMatchObject({ status: "quarantined", reason: "corrupt-gzip" });
    }
  });

  test("what only its name calls gzip is not read on", async () => {
    const body = chunked(Buffer.from("plain text, and more of it"), [4]);
    expect(await countSplit({ body, namedGzip: true }, all, deps)).toMatchObject({ status: "quarantined", reason: "corrupt-gzip" });
    expect({ ended: body.ended, taken: body.taken }).toEqual({ ended: true, taken: 4 });
  });

  test("gzip and what is left of it are progress, packed and unpacked: zeros behind a member too", async () => {
    const seen: number[] = [];
    const padded = Buffer.concat([packed, Buffer.alloc(100_000)]);
    await countAll(gzip(padded, [10_000]), all, { ...deps, onProgress: (progress) => seen.push(progress) });
    expect(seen.reduce((sum, progress) => sum + progress, 0)).toBe(padded.length + text.length);
  });

  test("one byte over the limit is decompression-limit, and reading stops there", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, "word "));
    const body = chunked(bomb, [512]);
    const limited = { ...deps, decompressionLimitBytes: 1_000_000 };
    expect(await countSplit({ body, namedGzip: true }, all, limited)).toMatchObject({
      status: "quarantined",
      reason: "decompression-limit",
    });
    expect(await countSplit(gzip(packed, [512]), all, { ...deps, decompressionLimitBytes: text.length - 1 })).toMatchObject({
      reason: "decompression-limit",
    });
    expect(await countSplit(gzip(packed, [512]), all, { ...deps, decompressionLimitBytes: text.length })).toMatchObject({
      status: "processed",
    });
  });

  test("the first bytes are judged unpacked", async () => {
    expect(await countSplit(gzip(gzipSync(Buffer.from("a\0b")), [4]), all, deps)).toEqual({ status: "skipped", reason: "not-text" });
    expect((await countAll(gzip(gzipSync(utf16("hello", true)), [4]), all, deps)).words).toEqual([{ word: "hello", count: 1 }]);
  });
});

describe("errors and progress", () => {
  class ConnectionLostError extends Error {}
  async function* breaking(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
    yield await Promise.resolve(bytes);
    throw new ConnectionLostError("reset");
  }

  test.each([false, true])("what the body throws is thrown (gzip %p), and no temporary file is left", async (gzip) => {
    const words = Buffer.from(Array.from({ length: 5_000 }, (_, index) => `word${String(index)}`).join(" "));
    const body = breaking(gzip ? gzipSync(words).subarray(0, 5_000) : words);
    await expect(countSplit({ body, namedGzip: gzip }, all, tiny)).rejects.toThrow(ConnectionLostError);
  });

  test("a body that breaks before its first byte is no empty file", async () => {
    await expect(countSplit({ body: breaking(new Uint8Array(0)), namedGzip: true }, all, deps)).rejects.toThrow(ConnectionLostError);
  });

  test("a folder that can't be written is thrown when the memory is full", async () => {
    const words = Buffer.from(Array.from({ length: 5_000 }, (_, index) => `word${String(index)}`).join(" "));
    const nowhere = { ...tiny, directory: `${directory.path}/absent` };
    await expect(countSplit(source(words), all, nowhere)).rejects.toMatchObject({ code: "ENOENT", syscall: "realpath" });
  });

  test("progress adds up to the bytes of the text", async () => {
    const seen: number[] = [];
    const bytes = Buffer.from("word ".repeat(10_000));
    await countSplit(source(bytes, [1_000]), all, { ...deps, onProgress: (progress) => seen.push(progress) });
    expect(seen).toHaveLength(50);
    expect(seen.reduce((sum, progress) => sum + progress, 0)).toBe(bytes.length);
  });

  test("invariant 8: merging what went to disk is progress as well", async () => {
    let progress = 0;
    const onProgress = (bytes: number): void => {
      progress += bytes;
    };
    const words = Buffer.from(Array.from({ length: 3_000 }, (_, index) => `word${String(index)}`).join(" "));
    const result = await countSplit(source(words), all, { ...tiny, onProgress });
    if (result.status !== "processed") throw new Error(result.status);
    expect(progress).toBeGreaterThan(2 * words.length);
    const atEnd = progress;
    await collect(result.counts.entries());
    // a word takes three bytes there, or more: its lengths, a letter that the one before hasn't, its count
    expect(progress).toBeGreaterThanOrEqual(atEnd + 3 * 3_000);
    await result.counts.dispose();
  });
});
