import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { CorruptGzipError, type Decompressor } from "../../kit/ports/decompressor";
import { chunked, collect } from "../support/count-harness";

/** Something in a file named .gz, and what it is to whoever unpacks it. */
type Part =
  | { readonly kind: "member"; readonly content: Uint8Array }
  | { readonly kind: "zeros"; readonly bytes: number }
  | { readonly kind: "garbage"; readonly bytes: Uint8Array };

const bytesOf = (part: Part): Uint8Array => {
  switch (part.kind) {
    case "member":
      return gzipSync(part.content);
    case "zeros":
      return new Uint8Array(part.bytes);
    case "garbage":
      return part.bytes;
  }
};

/** Members, and zeros after the first of them; whatever else is there makes the file damaged. No bytes at all are an empty file. */
function expectedOf(parts: readonly Part[]): Buffer | "corrupt" {
  const filled = parts.filter((part) => bytesOf(part).length > 0);
  if (filled.some(({ kind }) => kind === "garbage") || filled[0]?.kind === "zeros") return "corrupt";
  return Buffer.concat(filled.flatMap((part) => (part.kind === "member" ? [part.content] : [])));
}

const member = fc.uint8Array({ maxLength: 300 }).map((content): Part => ({ kind: "member", content }));
const zeros = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constant(512)).map((bytes): Part => ({ kind: "zeros", bytes }));
/** A member whose checksum is wrong: a byte of those four that are eight before its end. */
function damaged(content: Uint8Array): Uint8Array {
  const packed = Uint8Array.from(gzipSync(content));
  packed[packed.length - 8] = (packed[packed.length - 8] ?? 0) ^ 0xff;
  return packed;
}
const garbage = fc
  .oneof(
    fc.uint8Array({ minLength: 1, maxLength: 40 }),
    // the beginning of a header: what follows can't make a member of it
    fc.integer({ min: 1, max: 9 }).map((length) => Uint8Array.from(gzipSync("").subarray(0, length))),
    fc.uint8Array({ maxLength: 40 }).map(damaged),
  )
  // zeros in front of it would be padding
  .filter((bytes) => bytes[0] !== 0)
  .map((bytes): Part => ({ kind: "garbage", bytes }));
const parts = fc.array(fc.oneof({ weight: 4, arbitrary: member }, { weight: 3, arbitrary: zeros }, garbage), { maxLength: 6 });
const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 });

/** What every Decompressor does: nothing after the end of a member goes unlooked at. */
export function describeDecompressorContract(name: string, decompressor: Decompressor): void {
  describe(`Decompressor: ${name}`, () => {
    const unpack = async (bytes: Uint8Array, chunkSizes: readonly number[]): Promise<Buffer> =>
      Buffer.concat(await collect(decompressor.gunzip(chunked(bytes, chunkSizes))));
    const outcomeOf = (bytes: Uint8Array, chunkSizes: readonly number[]): Promise<Buffer | "corrupt"> =>
      unpack(bytes, chunkSizes).catch((error: unknown) => {
        if (error instanceof CorruptGzipError) return "corrupt";
        throw error;
      });

    test("members, zeros and garbage in any order and in any chunks come to what a simple model says", async () => {
      await fc.assert(
        fc.asyncProperty(parts, sizes, async (given, chunkSizes) => {
          expect(await outcomeOf(Buffer.concat(given.map(bytesOf)), chunkSizes)).toEqual(expectedOf(given));
        }),
        { numRuns: 300 },
      );
    });

    test.each<[string, Uint8Array[], string]>([
      ["zeros to the end", [gzipSync("text"), Buffer.alloc(512)], "text"],
      ["zeros and a member", [gzipSync("one"), Buffer.alloc(7), gzipSync("two")], "onetwo"],
      ["one zero and a member", [gzipSync("one"), Buffer.alloc(1), gzipSync("two")], "onetwo"],
      ["zeros, a member, zeros", [gzipSync("one"), Buffer.alloc(512), gzipSync("two"), Buffer.alloc(512)], "onetwo"],
      ["zeros without end", [gzipSync("text"), Buffer.alloc(300_000)], "text"],
    ])("after a member there may be %s", async (_, given, expected) => {
      for (const chunkSizes of [[1 << 20], [1], [7, 64]])
        expect((await unpack(Buffer.concat(given), chunkSizes)).toString()).toBe(expected);
    });

    test.each<[string, Uint8Array[]]>([
      ["garbage", [gzipSync("text"), Buffer.from("more")]],
      ["zeros and garbage", [gzipSync("text"), Buffer.alloc(512), Buffer.from("more")]],
      ["garbage far behind", [gzipSync("text"), Buffer.alloc(300_000), Buffer.from("x")]],
      ["zeros and half a member", [gzipSync("text"), Buffer.alloc(512), gzipSync("more").subarray(0, 12)]],
      ["zeros, a member and garbage", [gzipSync("text"), Buffer.alloc(3), gzipSync("more"), Buffer.from("x")]],
    ])("after a member there may not be %s", async (_, given) => {
      for (const chunkSizes of [[1 << 20], [1], [7, 64]]) expect(await outcomeOf(Buffer.concat(given), chunkSizes)).toBe("corrupt");
    });

    test("before the first member there may be nothing", async () => {
      expect(await outcomeOf(Buffer.concat([Buffer.alloc(1), gzipSync("text")]), [5])).toBe("corrupt");
      expect(await outcomeOf(Buffer.alloc(512), [5])).toBe("corrupt");
    });

    test("no bytes at all unpack to none", async () => {
      expect(await unpack(new Uint8Array(), [1])).toEqual(Buffer.alloc(0));
    });

    test("any member may be what is damaged", async () => {
      const second = gzipSync("second");
      for (let length = 1; length < second.length; length += 1) {
        expect(await outcomeOf(Buffer.concat([gzipSync("first"), second.subarray(0, length)]), [7])).toBe("corrupt");
      }
    });

    test("what the packed stream throws is thrown", async () => {
      class ConnectionLostError extends Error {}
      async function* breaking(): AsyncGenerator<Uint8Array, void> {
        yield await Promise.resolve(gzipSync("text"));
        throw new ConnectionLostError("reset");
      }
      await expect(collect(decompressor.gunzip(breaking()))).rejects.toThrow(ConnectionLostError);
    });
  });
}
