import type { BatchResult } from "../../contracts/files";
import type { WordCount } from "../../../../workloads/word-count/results";
import type { GenerationRecord } from "../../contracts/ledger-rows";
import { rankedEntries } from "../../../../workloads/word-count/counter/ranked-entries";
import { SpillingCounter } from "../../../../workloads/word-count/counter/spilling-counter";
import { batchFiles } from "../stored-batch/batch-files";
import { CountedChunks } from "../stored-batch/counted-chunks";
import type { ObjectStore } from "../../../../kit/ports/object-store";
import { addPartials } from "../reduce/merge-partials";
import { addCounts } from "../../../../workloads/word-count/merge";
import type { WordTotal } from "../../../../workloads/word-count/workload";
import { countedPartialsOf, type CountedPartial } from "../reduce/counted-partial";

export interface BatchWordsDeps {
  readonly store: ObjectStore;
  readonly stateBucket: string;
  /** Existing folder for temporary files. */
  readonly directory: string;
  /** Memory that merging and sorting may take before they spill to disk. */
  readonly memoryBytes: number;
  readonly signal?: AbortSignal;
}

/** The stored counts don't add up to what was reported. */
export class WordsMismatchError extends Error {
  public override readonly name = "WordsMismatchError";
  public readonly fix: string;
  public constructor({ batchId, generation, distinctWords, totalWords }: ReportedWords, found: Sums) {
    super(
      `the counts that are stored of batch ${batchId} (generation ${generation}) add up to ${found.totalWords} words, ${found.distinctWords} distinct, but its result has ${totalWords} and ${distinctWords}`,
    );
    this.fix = `\`npx filemill verify ${batchId} --generation ${generation}\` says what is wrong`;
  }
}

type Sums = Pick<WordTotal, "distinctWords" | "totalWords">;
type ReportedWords = Pick<BatchResult, "batchId" | "generation"> & Sums;

/**
 * All words of a word count's processed files with their counts, in the order of the top list. They are merged from the partials: what
 * is stored of the whole has its top only. Memory is bounded by `memoryBytes`, whatever the number of words.
 *
 * @param result of the last generation: nothing comes out unless the words add up to it
 * @param generations 1 to n in order, all sealed
 * @throws WordsMismatchError; ObjectMissingError when partials have expired; BatchStateError, BadCountLineError, BadCountsError
 */
export async function* batchWords(
  { directory, memoryBytes, signal, stateBucket, store }: BatchWordsDeps,
  result: ReportedWords,
  generations: readonly GenerationRecord[],
): AsyncGenerator<WordCount, void> {
  // merging is over when sorting begins to give, but while it is filled both hold what they have
  const share = { memoryBytes: memoryBytes / 2, directory };
  const counter = new SpillingCounter(share);
  try {
    await addPartials({ store, stateBucket }, countedPartials({ store, stateBucket, signal }, result.batchId, generations), {
      addSection: (section) => addCounts(counter, section),
    });
    yield* rankedEntries(adding(counter, result), share);
  } finally {
    await counter.dispose();
  }
}

/** @throws WordsMismatchError at the end */
async function* adding(counter: SpillingCounter, result: ReportedWords): AsyncGenerator<WordCount, void> {
  const found = { totalWords: 0, distinctWords: 0 };
  for await (const entry of counter.entries()) {
    found.totalWords += entry.count;
    found.distinctWords += 1;
    yield entry;
  }
  if (found.totalWords !== result.totalWords || found.distinctWords !== result.distinctWords) throw new WordsMismatchError(result, found);
  // the merge's memory and files are not needed any more
  await counter.dispose();
}

/** The partials that count, as `reduce` takes them. */
async function* countedPartials(
  { signal, stateBucket, store }: { readonly signal: AbortSignal | undefined } & Pick<BatchWordsDeps, "stateBucket" | "store">,
  batchId: string,
  generations: readonly GenerationRecord[],
): AsyncGenerator<CountedPartial, void> {
  const counted = new CountedChunks();
  for await (const file of batchFiles(store, stateBucket, generations)) {
    for (const partial of countedPartialsOf(batchId, file, counted.newChunks(file))) {
      signal?.throwIfAborted();
      yield partial;
    }
  }
}
