import { isDeepStrictEqual } from "node:util";
import { countSplit, type CountDeps } from "../../workloads/word-count/count-split";
import { chunked, countAll } from "./count-harness";
import { referenceCountBytes } from "./reference";

/** The product counts these bytes, read in chunks of these sizes, as the reference does; where that finds no text, it processes none. */
export async function expectAsReference(
  bytes: Uint8Array,
  sizes: readonly number[],
  options: { minimumWordLength: number; top: number },
  deps: CountDeps,
): Promise<void> {
  const source = { body: chunked(bytes, sizes), namedGzip: false };
  const expected = referenceCountBytes(bytes, options);
  if (expected === undefined) {
    expect(await countSplit(source, { ...options, encoding: "auto" }, deps)).toEqual({ status: "skipped", reason: "not-text" });
    return;
  }
  expectEqual(await countAll(source, options, deps), expected);
  // a known encoding needs no look at the first 8 KiB, which would put the chunks of a short text together again
  const known = { body: chunked(bytes, sizes), namedGzip: false, encoding: expected.encoding };
  expectEqual(await countAll(known, options, deps), expected);
}

/** As `toEqual`, which is asked only what differs: it costs more than counting a short text, and is asked tens of thousands of times. */
function expectEqual(actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual).toEqual(expected);
}
