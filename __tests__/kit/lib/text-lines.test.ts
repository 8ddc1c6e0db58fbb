import fc from "fast-check";
import { textLines } from "../../../kit/lib/text-lines";

async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield await Promise.resolve(bytes.subarray(start, start + size));
}

async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const value of values) taken.push(value);
  return taken;
}

test("lines come back whole wherever the stream is cut, and only line feeds end them", async () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => `${text.replaceAll("\n", "")}\u2028\u2029\r|`);
  await fc.assert(
    fc.asyncProperty(fc.array(line), fc.integer({ min: 1, max: 7 }), async (lines, size) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      expect(await all(textLines(inPieces(bytes, size)))).toEqual(lines);
    }),
  );
});

test("a last line without a line feed counts", async () => {
  expect(await all(textLines(inPieces(Buffer.from("a\nb"), 1)))).toEqual(["a", "b"]);
});

test("bytes that are no UTF-8 are an error", async () => {
  await expect(all(textLines(inPieces(Buffer.from([0x61, 0xff, 0x0a]), 1)))).rejects.toThrow("not valid for encoding utf-8");
});
