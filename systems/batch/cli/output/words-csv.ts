import type { WordCount } from "../../../../workloads/word-count/results";
import { csvText, type CsvColumn } from "../../../../kit/cli/output/csv";

const COLUMNS: readonly CsvColumn<WordCount>[] = [
  ["word", ({ word }) => word],
  ["count", ({ count }) => count],
];

/** Words with their counts as CSV. */
export const wordsCsv = (
  words: Iterable<WordCount> | AsyncIterable<WordCount>,
  options: { readonly forTerminal?: boolean } = {},
): AsyncGenerator<string, void> => csvText(COLUMNS, words, options);
