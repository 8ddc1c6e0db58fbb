import fc from "fast-check";
import { buffer } from "node:stream/consumers";
import { decodedText, linesOf, NoTextError } from "../../../workloads/text/decoded-text";
import { textOfRange } from "../../../workloads/text/range-text";
import { chunked, collect } from "../../support/count-harness";

const text = fc.string({ unit: fc.constantFrom("a", "B", "'", " ", "\n", "\r\n", "é", "中", "\ud835\udc9c", "."), maxLength: 60 });
const encodings = fc.constantFrom("utf-8", "utf-16le");
const cuts = fc.array(fc.nat(240), { maxLength: 5 });
const encoded = (content: string, encoding: "utf-8" | "utf-16le"): Buffer => Buffer.from(content, encoding);

const partsOf = async (
  bytes: Buffer,
  encoding: "utf-8" | "utf-16le",
  at: "words" | "lines",
  places: readonly number[],
): Promise<Buffer[]> => {
  const unit = encoding === "utf-8" ? 1 : 2;
  const inner = places.map((place) => place - (place % unit)).filter((place) => place > 0 && place < bytes.length);
  const edges = [0, ...[...new Set(inner)].sort((a, b) => a - b), bytes.length];
  return Promise.all(
    edges.slice(1).map((end, index) => {
      const start = edges[index] ?? 0;
      const range = { start, end, index, count: edges.length - 1 };
      return buffer(textOfRange(chunked(bytes.subarray(start), [3, 1, 7]), range, encoding, at));
    }),
  );
};

test("ranges put together are the whole file, wherever it is cut, and each begins after a cut", async () => {
  await fc.assert(
    fc.asyncProperty(text, encodings, fc.constantFrom("words" as const, "lines" as const), cuts, async (content, encoding, at, places) => {
      const bytes = encoded(content, encoding);
      const parts = await partsOf(bytes, encoding, at, places);
      expect(Buffer.concat(parts).equals(bytes)).toBe(true);
      const texts = parts.map((part) => part.toString(encoding)).filter((part) => part !== "");
      const isWhole = at === "lines" ? /\n$/ : /[^A-Za-z0-9'\u0080-\uffff]$/;
      for (const part of texts.slice(0, -1)) expect(part).toMatch(isWhole);
    }),
  );
});

test("lines of ranges cut at lines are the lines of the whole", async () => {
  await fc.assert(
    fc.asyncProperty(text, encodings, cuts, async (content, encoding, places) => {
      const linesIn = (bytes: Uint8Array): Promise<string[]> => collect(linesOf(decodedText(chunked(bytes, [2]), encoding)));
      const whole = encoded(content, encoding);
      const parts = await partsOf(whole, encoding, "lines", places);
      expect((await Promise.all(parts.map(linesIn))).flat()).toEqual(await linesIn(whole));
    }),
  );
});

test("text is decoded as it is judged, in whatever pieces it comes", async () => {
  const decoded = async (bytes: Uint8Array, size: number): Promise<string> => (await collect(decodedText(chunked(bytes, [size])))).join("");
  const long = "é中\ud835\udc9c\n".repeat(3_000);
  for (const size of [1, 7, 65_536])
    for (const [bytes, expected] of [
      [Buffer.from(long), long],
      [Buffer.from(`\ufeff${long}`, "utf16le"), long],
      [Buffer.from([0xff, 0xfe, 0, 0, 0x41, 0, 0, 0]), "A"],
      [Buffer.from([0x61, 0xff, 0x62]), "a\ufffdb"],
      [Buffer.alloc(0), ""],
    ] as const)
      expect(await decoded(bytes, size)).toBe(expected);
  await expect(decoded(Buffer.from([1, 0, 2]), 1)).rejects.toThrow(NoTextError);
  await expect(decoded(Buffer.from("504b0304", "hex"), 9)).rejects.toThrow(/compressed/);
});

test("a line is as long as it may be, and no longer", async () => {
  const lines = (content: string, size: number): Promise<string[]> =>
    collect(linesOf(decodedText(chunked(Buffer.from(content), [size])), 4));
  for (const size of [1, 3, 100]) expect(await lines("abcdefgh\n\nab\r\nabcd\nabcdefgh", size)).toEqual(["abcd", "", "ab", "abcd", "abcd"]);
});
