import { UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import type { CommandContext } from "../context";
import type { InputOptions } from "./input-options";
import { readFileList, STANDARD_INPUT, type ListedPath } from "./list-file";

/** What a user gave to be worked on: arguments, and what lists name. */
export interface GivenInputs {
  readonly paths: readonly string[];
  readonly listed: readonly ListedPath[];
}

/**
 * Arguments and the lists of `--files-from` as one.
 *
 * @throws UsageError for standard input as a file, `--null` without a list, and what `readFileList` throws
 */
export async function givenInputs(
  context: Pick<CommandContext, "workingDirectory" | "standardInput" | "reporter">,
  paths: readonly string[],
  options: Pick<InputOptions, "filesFrom" | "null">,
): Promise<GivenInputs> {
  const { filesFrom = [], null: isNull = false } = options;
  if (paths.includes(STANDARD_INPUT)) {
    throw new UsageError(
      "'-' is not a path: standard input has no name in results and can't be read twice",
      "for a list of paths give --files-from -; store a single text in a file first; a file that is named so is ./-",
    );
  }
  if (isNull && filesFrom.length === 0) {
    throw new UsageError("--null without --files-from: it says how a list is written", "give the list, or leave it out");
  }
  if (filesFrom.filter((list) => list === STANDARD_INPUT).length > 1) {
    throw new UsageError("--files-from - twice: standard input can be read once", "give it once");
  }
  const listed: ListedPath[] = [];
  let comments = 0;
  for (const list of filesFrom) {
    const read = await readFileList(list, isNull, context);
    for (const each of read.paths) listed.push(each);
    comments += read.comments;
  }
  if (comments > 0) {
    context.reporter.say(
      `left out as ${plural(comments, "comment")} of the list: a path that begins with # or ; is written ./#, or in a list with NULs`,
    );
  }
  return { paths, listed };
}

/** Everything that was given, as it was written. */
export const textsOf = ({ listed, paths }: GivenInputs): string[] => [...paths, ...listed.map(({ given }) => given)];

export const hasNone = ({ listed, paths }: GivenInputs): boolean => listed.length + paths.length === 0;
