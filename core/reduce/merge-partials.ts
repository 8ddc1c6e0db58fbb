import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { WordCount } from "../contracts/files";
import type { PartialPointer } from "../contracts/ledger-rows";
import { SpillingCounter } from "../counter/spilling-counter";
import type { ObjectStore } from "../ports/object-store";
import { readBlocks } from "../read-blocks";
import { readCounts } from "../word-count/merge";

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

/** Adds up the counts of partials, read one after the other; exact, and bounded in memory by spilling to disk (invariant 9). */
export async function mergePartials(deps: MergeDeps, partials: AsyncIterable<PartialPointer>, top: number): Promise<MergedCounts> {
  const directory = await mkdtemp(path.join(deps.directory, "merge-"));
  const counter = new SpillingCounter({ memoryBytes: deps.memoryBytes, directory });
  try {
    for await (const partial of partials) {
      // empty when all its words were too short
      const counts = readBlocks(deps.store, deps.stateBucket, partial.key, { start: partial.countsOffset, end: partial.bytes });
      for await (const { word, count } of readCounts(counts)) await counter.add(word, count);
    }
    return await counter.summarise(top);
  } finally {
    await counter.dispose();
    await rm(directory, { recursive: true, force: true });
  }
}
