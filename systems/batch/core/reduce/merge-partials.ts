import type { WordCount } from "../../../../workloads/word-count/results";
import { partialKey } from "../../contracts/state-keys";
import { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import { lookAhead } from "../../../../kit/lib/look-ahead";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { readBlocks } from "../../../../kit/lib/read-blocks";
import { readCounts } from "../../../../workloads/word-count/merge";
import type { CountedPartial } from "./result-lines";
import { readObject } from "../../../../kit/lib/read-object";

export interface MergedCounts {
  readonly totalWords: number;
  readonly distinctWords: number;
  readonly words: WordCount[];
}

export interface MergeDeps {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  readonly directory: string;
  readonly memoryBytes: number;
}

/** Partials whose beginnings are fetched ahead, and how much of each: hides the calls' latency, and takes 16 MiB at most. */
const READS_AHEAD = 8;
const FIRST_BYTES = 2 * 1_048_576;

/** Adds up the counts of partials in turn; exact, and bounded in memory by spilling to disk (invariant 9). */
export async function mergePartials(deps: MergeDeps, partials: AsyncIterable<CountedPartial>, top: number): Promise<MergedCounts> {
  const counter = new SpillingCounter({ memoryBytes: deps.memoryBytes, directory: deps.directory });
  try {
    await addPartials(deps, partials, counter);
    return await counter.summarise(top);
  } finally {
    await counter.dispose();
  }
}

/** Adds the counts of partials to a counter. */
export async function addPartials(
  deps: Pick<MergeDeps, "stateBucket" | "store">,
  partials: AsyncIterable<CountedPartial>,
  counter: SpillingCounter,
): Promise<void> {
  for await (const counts of lookAhead(partials, READS_AHEAD, (partial) => openCounts(deps, partial))) {
    for await (const { word, count } of readCounts(counts)) await counter.add(word, count);
  }
}

/** The counts section of a partial, its beginning in memory already. */
async function openCounts(
  { stateBucket, store }: Pick<MergeDeps, "stateBucket" | "store">,
  { index, pointer, ref }: CountedPartial,
): Promise<AsyncIterable<Uint8Array>> {
  const { bytes, claim, countsOffset, group } = pointer;
  const key = partialKey(ref, index, claim, group);
  const end = Math.min(bytes, countsOffset + FIRST_BYTES);
  // empty when all its words were too short
  const first = end > countsOffset ? (await readObject(store, stateBucket, key, { start: countsOffset, end })).bytes : undefined;
  return sectionOf(first, readBlocks(store, stateBucket, key, { start: end, end: bytes }));
}

async function* sectionOf(first: Uint8Array | undefined, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (first !== undefined) yield first;
  yield* rest;
}
