import fc from "fast-check";
import iconv from "iconv-lite";
import { requestedEncodingSchema } from "../../../workloads/text/encoding-schemas";
import {
  codeUnitBytes,
  encodingNamed,
  isSplittable,
  MULTI_BYTE_ENCODINGS,
  SINGLE_BYTE_ENCODINGS,
  TEXT_ENCODINGS,
  type TextEncoding,
} from "../../../workloads/text/text-encodings";
import { countSplit } from "../../../workloads/word-count/count-split";
import { chunked, countAll, countDeps, temporaryDirectory, type Counted } from "../../support/count-harness";
import { ENCODED_SAMPLES } from "../../support/encoded-samples";
import { textsIn } from "../../support/legacy-texts";
import { referenceCount } from "../../support/reference";
import { chunkSizes } from "../../support/text-soup";

// shared machines can be many times slower than this takes
jest.setTimeout(60_000);

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

const optionsIn = (encoding: TextEncoding) => ({ minimumWordLength: 1, top: 3, encoding });
const count = (bytes: Uint8Array, encoding: TextEncoding, sizes: readonly number[] = [1 << 20], counting = deps): Promise<Counted> =>
  countAll({ body: chunked(bytes, sizes), namedGzip: false }, optionsIn(encoding), counting);
/** Judged already, a short text is read in the chunks that it comes in, and not put together first. */
const countChunks = (bytes: Uint8Array, encoding: TextEncoding, sizes: readonly number[]): Promise<Counted> =>
  countAll({ body: chunked(bytes, sizes), namedGzip: false, encoding }, optionsIn(encoding), deps);
const countRange = (bytes: Uint8Array, encoding: TextEncoding, start: number, end: number, sizes: readonly number[]): Promise<Counted> => {
  const range = { start, end, index: 0, count: 2 };
  return countAll({ body: chunked(bytes.subarray(start), sizes), namedGzip: false, range, encoding }, optionsIn(encoding), deps);
};

describe("a text that is read in the encoding it is written in", () => {
  test.each(ENCODED_SAMPLES)("%s: '%s' has its words, in any chunks", async (encoding, text, hex) => {
    const bytes = Uint8Array.from(Buffer.from(hex, "hex"));
    const expected = { ...referenceCount(text, optionsIn(encoding)), encoding, textBytes: bytes.length, invalidBytes: 0 };
    for (const sizes of [[1 << 20], [1], [2, 3]]) {
      expect(await count(bytes, encoding, sizes)).toEqual(expected);
      expect(await countChunks(bytes, encoding, sizes)).toEqual(expected);
    }
  });

  test.each(TEXT_ENCODINGS)("%s: any text counts as it does in UTF-8, in any chunks, and in ranges", async (encoding) => {
    const unit = codeUnitBytes(encoding);
    await fc.assert(
      fc.asyncProperty(textsIn(encoding), chunkSizes, fc.array(fc.nat(60), { maxLength: 4 }), async ({ bytes, text }, sizes, cuts) => {
        const expected = { ...referenceCount(text, optionsIn(encoding)), encoding, textBytes: bytes.length, invalidBytes: 0 };
        expect(await countChunks(bytes, encoding, sizes)).toEqual(expected);
        expect(await count(bytes, encoding, sizes, tiny)).toEqual(expected);
        if (!isSplittable(encoding) || bytes.length === 0) return;
        const edges = [...new Set([0, ...cuts.map((cut) => Math.min(bytes.length, cut * unit)), bytes.length])].sort((a, b) => a - b);
        const parts = await Promise.all(edges.slice(1).map((end, index) => countRange(bytes, encoding, edges[index] ?? 0, end, sizes)));
        expect(sumOf(parts)).toEqual(sumOf([expected]));
      }),
      { numRuns: 60 },
    );
  });

  test("a range of an encoding whose later bytes may look like separators is refused: no planner makes one", async () => {
    const unsplittable = TEXT_ENCODINGS.filter((encoding) => !isSplittable(encoding));
    expect(unsplittable).toEqual(["shift_jis", "gbk", "gb18030", "big5"]);
    for (const encoding of unsplittable) {
      await expect(countRange(Buffer.from("alpha betas"), encoding, 0, 5, [4])).rejects.toThrow(/plan the file as one split/);
    }
  });

  test.each(MULTI_BYTE_ENCODINGS)("%s is split exactly when no character's later byte is a separator of ASCII", (encoding) => {
    const separators = Array.from({ length: 128 }, (_, byte) => byte).filter((byte) => !/[a-z0-9']/i.test(String.fromCharCode(byte)));
    const hides = (lead: readonly number[]): boolean =>
      separators.some((byte) => {
        const text = iconv.getDecoder(encoding).write(Buffer.from([...lead, byte]));
        return text !== "" && !text.includes("\ufffd");
      });
    const leads = Array.from({ length: 128 }, (_, index) => [0x80 + index]).filter(([lead = 0]) => isPending(encoding, [lead]));
    expect(leads.length).toBeGreaterThan(30);
    // GB18030 has digits as second and fourth bytes, no separators; three bytes there are none that separators could end
    expect(leads.some(hides)).toBe(!isSplittable(encoding));
  });
});

const isPending = (encoding: (typeof MULTI_BYTE_ENCODINGS)[number], bytes: readonly number[]): boolean =>
  iconv.getDecoder(encoding).write(Buffer.from(bytes)) === "";

type Summed = Pick<Counted, "textBytes" | "invalidBytes" | "totalWords" | "overlongWords" | "counts">;
function sumOf(parts: readonly Summed[]): Omit<Summed, "counts"> & { readonly counts: unknown } {
  const counts = new Map<string, number>();
  for (const { word, count: times } of parts.flatMap((part) => part.counts)) counts.set(word, (counts.get(word) ?? 0) + times);
  const sum = (of: (part: Summed) => number): number => parts.reduce((total, part) => total + of(part), 0);
  return {
    textBytes: sum(({ textBytes }) => textBytes),
    invalidBytes: sum(({ invalidBytes }) => invalidBytes),
    totalWords: sum(({ totalWords }) => totalWords),
    overlongWords: sum(({ overlongWords }) => overlongWords),
    counts: [...counts].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
}

describe("bytes that are no text in the encoding", () => {
  /** Whether bytes are one character, asked of the library for a whole character at a time; of GB18030, where it is wrong, of the host. */
  const isCharacter = (encoding: TextEncoding, bytes: Uint8Array): boolean => {
    if (encoding !== "gb18030") return !iconv.decode(bytes, encoding).includes("\ufffd");
    try {
      return new TextDecoder("gb18030", { fatal: true }).decode(bytes) !== "";
    } catch {
      return false;
    }
  };
  /** From left to right: a byte that begins no character is invalid, and reading goes on with the next. */
  function invalidBytesOf(bytes: Uint8Array, encoding: TextEncoding): number {
    let invalid = 0;
    for (let at = 0; at < bytes.length;) {
      const length = [1, 2, 3, 4].find((n) => at + n <= bytes.length && isCharacter(encoding, bytes.subarray(at, at + n)));
      if (length === undefined) invalid += 1;
      at += length ?? 1;
    }
    return invalid;
  }
  /** Bytes that begin, end and break characters of several bytes more often than any bytes would. */
  const troubled = fc
    .array(
      fc.oneof(
        fc.constantFrom(0x20, 0x30, 0x39, 0x40, 0x41, 0x61, 0x7e),
        fc.constantFrom(0x80, 0x81, 0x84, 0x88, 0x8e, 0x8f, 0x90, 0xa0, 0xa1, 0xe3, 0xfe, 0xff),
        fc.integer({ min: 1, max: 255 }),
      ),
      { maxLength: 60 },
    )
    .map((bytes) => Uint8Array.from(bytes));

  test.each([...MULTI_BYTE_ENCODINGS, "windows-1252", "iso-8859-7", "windows-874"] as const)(
    "%s: are counted one by one, whatever the chunks; they separate words, and reading goes on behind each",
    async (encoding) => {
      await fc.assert(
        fc.asyncProperty(troubled, chunkSizes, async (bytes, sizes) => {
          const counted = await countSplit({ body: chunked(bytes, sizes), namedGzip: false }, optionsIn(encoding), deps);
          fc.pre(counted.status === "processed");
          await counted.counts.dispose();
          expect(counted.stats).toMatchObject({ textBytes: bytes.length, invalidBytes: invalidBytesOf(bytes, encoding) });
          expect(await countChunks(bytes, encoding, sizes)).toMatchObject(counted.stats);
        }),
        { numRuns: 300 },
      );
    },
  );

  test.each<[TextEncoding, readonly number[], number, string[]]>([
    ["windows-1252", [0x61, 0x81, 0x62], 1, ["a", "b"]],
    ["iso-8859-1", [0x61, 0x81, 0x62], 0, ["a", "b"]],
    ["shift_jis", [0x61, 0x81, 0x20, 0x62, 0x63], 1, ["a", "bc"]],
    ["shift_jis", [0x61, 0x81], 1, ["a"]],
    ["gb18030", [0x81, 0x30, 0x81, 0x61, 0x62], 1, ["0乤b"]],
    ["gb18030", [0x61, 0x84, 0x31, 0xa5, 0x30, 0x62], 2, ["0b", "1", "a"]],
    ["gb18030", [0x61, 0x20, 0xe3, 0x32, 0x9a, 0x35], 0, ["a"]],
    ["gb18030", [0x61, 0x20, 0xe3, 0x32, 0x9a, 0x36], 2, ["2", "6", "a"]],
    ["euc-jp", [0x8f, 0xb0, 0x20, 0x61], 2, ["a"]],
    ["utf-8", [0x61, 0xe2, 0x80, 0x62, 0xf0, 0x9d, 0x92], 5, ["a", "b"]],
    ["utf-16le", [0x61, 0, 0x35, 0xd8, 0x62, 0, 0x9c, 0xdc, 0x63], 5, ["a", "b"]],
    ["utf-16be", [0, 0x61, 0xd8, 0x35], 2, ["a"]],
    ["utf-32le", [0x61, 0, 0, 0, 0, 0xd8, 0, 0, 0x62, 0, 0, 0, 0, 0, 0x11, 0, 1, 2, 3], 11, ["a", "b"]],
    ["utf-32be", [0, 0, 0, 0x61, 0xff, 0, 0, 0x61, 0, 0x10, 0xff, 0xff], 4, ["a"]],
  ])("%s: %j has %d of them", async (encoding, bytes, invalidBytes, words) => {
    for (const sizes of [[1 << 20], [1], [3]]) {
      const counted = await countChunks(Uint8Array.from(bytes), encoding, sizes);
      expect(counted).toMatchObject({ invalidBytes, textBytes: bytes.length });
      expect(counted.counts.map(({ word }) => word)).toEqual(words.sort());
    }
  });
});

describe("names of encodings", () => {
  test("each has its own, however it is written", () => {
    for (const encoding of requestedEncodingSchema.options) {
      for (const name of [encoding, encoding.toUpperCase(), encoding.replaceAll(/[-_]/g, ""), encoding.replaceAll("-", "_")]) {
        expect(encodingNamed(name)).toBe(encoding);
      }
    }
    expect(SINGLE_BYTE_ENCODINGS).toHaveLength(ENCODED_SAMPLES.length - MULTI_BYTE_ENCODINGS.length);
  });

  test.each([
    ["latin1", "iso-8859-1"],
    ["Latin-1", "iso-8859-1"],
    ["latin 9", "iso-8859-15"],
    ["CP1252", "windows-1252"],
    ["SJIS", "shift_jis"],
    ["GB2312", "gbk"],
    ["TIS-620", "iso-8859-11"],
    ["utf-16", undefined],
    ["ascii", undefined],
    ["utf-7", undefined],
    ["constructor", undefined],
    ["", undefined],
  ])("'%s' is %s", (name, expected) => {
    expect(encodingNamed(name)).toBe(expected);
  });
});
