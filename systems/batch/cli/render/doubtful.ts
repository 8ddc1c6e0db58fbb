import type { FileResult } from "../../contracts/files";
import type { WordTotal } from "../../../../workloads/word-count/workload";
import { DOUBTFUL_PERCENT, type TextFacts } from "../../../../workloads/word-count/results";
import type { TextEncoding } from "../../../../workloads/text/text-encodings";
import { plural } from "../../../../kit/cli/render/numbers";
import { printable } from "../../../../kit/lib/printable";

/** A doubtful file, and what its first bytes look like. */
export interface DoubtfulFile extends Pick<FileResult, "filename">, TextFacts {
  readonly likely?: TextEncoding | undefined;
  /** Why its first bytes were not looked at. */
  readonly problem?: string;
}

/** The word of warning that goes with a result. @returns no line when no file is doubtful */
export function doubtfulLine({ doubtfulFiles }: Pick<WordTotal, "doubtfulFiles">): string[] {
  if (doubtfulFiles === 0) return [];
  const [verb, their, they] = doubtfulFiles === 1 ? ["is", "its", "it was"] : ["are", "their", "they were"];
  return [
    `warning: ${plural(doubtfulFiles, "file")} ${verb} doubtful: more than ${DOUBTFUL_PERCENT} % of ${their} text is invalid in the encoding that ${they} read in, so ${their} words may be wrong`,
  ];
}

/** How much of a text is invalid, in what: `26.3 % of it is invalid in utf-8`. */
export const invalidShare = ({ encoding, invalidBytes, textBytes }: TextFacts): string =>
  `${((100 * invalidBytes) / textBytes).toFixed(1)} % of it is invalid in ${encoding}`;

/** The files, what they look like, and the way out: a line each. @param total doubtful files in all */
export function renderDoubtful(files: readonly DoubtfulFile[], total: number): string[] {
  const unnamed = total - files.length;
  const [likely] = mostLikely(files);
  return [
    ...files.map((file) => `doubtful: ${printable(file.filename)} (${[invalidShare(file), ...looks(file)].join("; ")})`),
    ...(unnamed > 0
      ? [`and ${plural(unnamed, "more doubtful file")}: results.jsonl has \`result.invalidBytes\` and \`result.textBytes\` of each`]
      : []),
    likely === undefined
      ? "if they are in another encoding, count them again with --encoding NAME (docs/word-count.md has the names)"
      : `if that is what they are, count them again with --encoding ${likely}`,
  ];
}

const looks = ({ likely, problem }: DoubtfulFile): string[] => {
  if (problem !== undefined) return [`its first bytes can't be looked at: ${printable(problem)}`];
  return likely === undefined ? [] : [`it looks like ${likely}`];
};

/** Encodings that files look like, the most frequent first. */
function mostLikely(files: readonly DoubtfulFile[]): TextEncoding[] {
  const times = new Map<TextEncoding, number>();
  for (const { likely } of files) if (likely !== undefined) times.set(likely, (times.get(likely) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a).map(([encoding]) => encoding);
}
