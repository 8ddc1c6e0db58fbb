import { systemErrorText } from "../../../../kit/lib/system-errors";
import { codeOf } from "../../../../kit/folders/system-errors";
import { printable } from "../../../../kit/lib/printable";
import { unreadable } from "../../../../kit/cli/system-error";

/** Something below a path that was given can't be taken. */
export interface InputProblem {
  /** As its name in results would be. */
  readonly name: string;
  readonly path: string;
  /** The list that names it, and where there. @default no list does */
  readonly where?: string;
  /** What is wrong, to stand after the path and a colon. */
  readonly words: string;
  /** true: it is a folder or may be one, so that files of other names may be in it. */
  readonly mayHold?: boolean;
}

/**
 * What the system says of one file or folder.
 *
 * @throws what is no error of that one: the machine lacks something, or it is no error of the system
 */
export function problemOf(name: string, path: string, error: unknown): InputProblem {
  const text = systemErrorText(codeOf(error));
  if (text === undefined || text.exhausted === true) throw unreadable(path, error);
  return { name, path, words: text.words };
}

/** More lines than anybody reads; the count is told anyhow. */
const LISTED = 100;

/** A line for each, sorted by path. */
export function listProblems(problems: readonly InputProblem[]): string[] {
  const lines = problems
    .map(({ path, where, words }) => `'${printable(path)}'${where === undefined ? "" : ` (${printable(where)})`}: ${words}`)
    .sort();
  const more = lines.length - LISTED;
  return [...lines.slice(0, LISTED), ...(more > 0 ? [`and ${more} more`] : [])];
}
