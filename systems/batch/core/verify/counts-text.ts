import type { FileResult } from "../../contracts/files";
import type { FileWords } from "../../../../workloads/word-count/results";

type Counts = Pick<FileResult, "encoding"> & { readonly [K in Exclude<keyof FileWords, "encoding">]: Readonly<FileWords[K]> };

/** What was counted in a file, as text: equal counts have equal texts, if their words have one order. */
export const countsText = ({ distinctWords, encoding, invalidBytes, overlongWords, textBytes, totalWords, words }: Counts): string =>
  JSON.stringify([
    encoding,
    textBytes,
    invalidBytes,
    totalWords,
    distinctWords,
    overlongWords,
    words.map(({ word, count }) => [word, count]),
  ]);
