import { isDeepStrictEqual } from "node:util";
import { countSplit, LEAST_MEMORY_OF_KERNEL_BYTES, type CountDeps } from "../../workloads/word-count/count-split";
import type { CountingEngine } from "../../workloads/word-count/engine";
import { chunked, countAll } from "./count-harness";
import { referenceCountBytes } from "./reference";

/** A way to count: a known encoding needs no look at the first 8 KiB, which puts the chunks of a short text together again. */
interface Way {
  readonly engine: CountingEngine;
  readonly isKnown: boolean;
}

/** Two ways of the four: over many texts each meets enough of them, and all four for each text would cost twice as much. */
function waysFor(bytes: Uint8Array, { memoryBytes }: CountDeps): readonly Way[] {
  const isEven = bytes.length % 2 === 0;
  // with less memory there is one engine
  const other = memoryBytes < LEAST_MEMORY_OF_KERNEL_BYTES ? "plain" : "simd";
  return [
    { engine: "plain", isKnown: isEven },
    { engine: other, isKnown: !isEven },
  ];
}

/**
 * The product counts these bytes, read in chunks of these sizes, as the reference does, with each of its engines; where that finds no
 * text, it processes none.
 */
export async function expectAsReference(
  bytes: Uint8Array,
  sizes: readonly number[],
  options: { minimumWordLength: number; top: number },
  deps: CountDeps,
): Promise<void> {
  const expected = referenceCountBytes(bytes, options);
  const source = (): { body: AsyncIterable<Uint8Array>; namedGzip: false } => ({ body: chunked(bytes, sizes), namedGzip: false });
  if (expected === undefined) {
    expect(await countSplit(source(), { ...options, encoding: "auto" }, deps)).toEqual({ status: "skipped", reason: "not-text" });
    return;
  }
  const { encoding } = expected;
  for (const { engine, isKnown } of waysFor(bytes, deps)) {
    const counted = await countAll({ ...source(), ...(isKnown ? { encoding } : {}) }, options, { ...deps, engine });
    // as `toEqual`, which is asked only what differs: it costs more than counting a short text, and is asked tens of thousands of times
    if (!isDeepStrictEqual(counted, expected)) expect({ engine, isKnown, ...counted }).toEqual({ engine, isKnown, ...expected });
  }
}
