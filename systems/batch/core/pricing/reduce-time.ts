import { READS_AHEAD } from "../reduce/lines-ahead";
import { isMergedInRanges } from "../reduce/partial-ranges";

/** Seconds of a GET of the reduce, which opens each partial twice: for its lines and for what was merged of them. */
const PARTIAL_GET_SECONDS = 0.02;
export const GETS_PER_PARTIAL = 2;
/** Seconds that one GET of each partial takes of a step, as it reads several at a time. */
const READ_SECONDS = PARTIAL_GET_SECONDS / READS_AHEAD;
/**
 * Seconds of merging a partial: 20,000 different words, as 64 MiB of English or 250 pages hold about, each 300 ns. Measured: 250 ns on a
 * core of the development machine, 540 where half of all words are in one partial only (`npm run bench:parts`).
 */
const MERGE_SECONDS = 20_000 * 300e-9;
/**
 * A vocabulary grows more slowly than its text: by this power of it at most, in English (0.4 to 0.6). So many times the words of one
 * partial are what a range of them comes to. Measured for 5,000 partials of which every fiftieth word is in no other: 2.0 million words,
 * where this says 3.3, read in 0.37 s.
 * https://nlp.stanford.edu/IR-book/html/htmledition/heaps-law-estimating-the-number-of-terms-1.html
 */
const VOCABULARY_POWER = 0.6;
/** Seconds from the seal's end until ranges are at work: a Map Run, its children, cold functions. Assumed; nothing was measured on AWS. */
const RANGES_START_SECONDS = 5;
/**
 * Seconds of a file in the walk over all of them: its line is read, checked, written, hashed. Measured once: 0.19 ms of a core that did
 * much else, with 100,000 files of ten words; a quiet one is taken to need a fifth less.
 */
const FILE_SECONDS = 150e-6;

/** What a reduce is given. */
export interface ReduceWork {
  readonly files: number;
  readonly partials: number;
  /** Partials of a range, where they are merged in ranges first. */
  readonly partialsPerRange: number;
}

/** What a reduce is through with, step by step. */
export interface ReduceSeconds {
  /** Of the ranges, which are merged at the same time; 0 without any. */
  readonly ranges: number;
  /** Of the function that ends it. */
  readonly last: number;
}

/** @param factor on what depends on files and words @default 1 */
export function reduceSeconds({ files, partials, partialsPerRange }: ReduceWork, factor = 1): ReduceSeconds {
  const walk = partials * READ_SECONDS + factor * files * FILE_SECONDS;
  if (!isMergedInRanges(partials, partialsPerRange)) {
    return { ranges: 0, last: walk + partials * (READ_SECONDS + factor * MERGE_SECONDS) };
  }
  const section = PARTIAL_GET_SECONDS + factor * MERGE_SECONDS * partialsPerRange ** VOCABULARY_POWER;
  return {
    ranges: RANGES_START_SECONDS + partialsPerRange * (READ_SECONDS + factor * MERGE_SECONDS),
    last: walk + (partials / partialsPerRange) * section,
  };
}
