import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { nodeZlib } from "../../adapters/node-zlib";
import { CorruptGzipError } from "../../core/ports/decompressor";
import { chunked, collect } from "../support/count-harness";
import { until } from "../support/until";

const unpack = async (bytes: Uint8Array, sizes: readonly number[]): Promise<Buffer> =>
  Buffer.concat(await collect(nodeZlib.gunzip(chunked(bytes, sizes))));

test("any members after each other, in any chunks, unpack to their contents after each other", async () => {
  const members = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(members, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }), async (contents, sizes) => {
      const packed = Buffer.concat(contents.map((content) => gzipSync(content)));
      expect(await unpack(packed, sizes)).toEqual(Buffer.concat(contents));
    }),
    { numRuns: 100 },
  );
});

test("zero bytes after the last member are padding", async () => {
  expect((await unpack(Buffer.concat([gzipSync("text"), Buffer.alloc(512)]), [3])).toString()).toBe("text");
});

test("the second member may be what is damaged", async () => {
  const second = gzipSync("second");
  for (let length = 1; length < second.length; length += 1) {
    await expect(unpack(Buffer.concat([gzipSync("first"), second.subarray(0, length)]), [7])).rejects.toThrow(CorruptGzipError);
  }
});

test("leaving early ends the packed stream, without reading it all", async () => {
  const packed = gzipSync(Buffer.from(Array.from({ length: 400_000 }, (_, index) => index.toString(36)).join(" ")));
  const body = chunked(packed, [1_024]);
  for await (const chunk of nodeZlib.gunzip(body)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }
  await until(() => body.ended);
  expect(body.taken).toBeLessThan(packed.length);
});
