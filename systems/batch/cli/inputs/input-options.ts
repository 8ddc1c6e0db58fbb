import { InvalidArgumentError, Option } from "commander";
import type { NameFilter } from "../../contracts/batch";
import { nameFilter, NamePatternError } from "../../core/sources/name-filter";
import { ValueOption } from "../../../../kit/cli/help/verb";
import type { Verb } from "../../../../kit/cli/help/verb";

export interface InputOptions {
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly defaultExcludes: boolean;
  readonly skipUnreadable?: true;
  readonly filesFrom?: readonly string[];
  readonly null?: true;
  readonly keepArchives?: true;
}

export const withInputOptions = (command: Verb): Verb =>
  command
    .addOption(
      new ValueOption(
        "--files-from <list>",
        "also what a file lists, a path or s3:// address a line, - for standard input; blank lines and those that begin with # or ; are none (as rsync has it); again for more",
        "list.txt",
      ).argParser((list: string, before: readonly string[] | undefined) => [...(before ?? []), list]),
    )
    .addOption(new Option("--null", "paths of --files-from end with a NUL, as `find -print0` has them (known by itself when there is one)"))
    .addOption(
      new ValueOption(
        "--include <pattern>",
        "only files whose names match, such as '*.txt' or '2026/**'; again for more",
        "'*.txt'",
      ).argParser(collectPatterns),
    )
    .addOption(
      new ValueOption(
        "--exclude <pattern>",
        "no files whose names match, such as '*.tmp' or 'drafts/'; again for more",
        "'*.tmp'",
      ).argParser(collectPatterns),
    )
    .addOption(new Option("--keep-archives", "take .zip, .tar, .tar.gz and .tgz as they are, instead of each file in them"))
    .addOption(new Option("--no-default-excludes", "also take in .git, .DS_Store, filemill-out and their like"))
    .addOption(new Option("--skip-unreadable", "go on without what can't be read or is no file, and end with exit code 3"));

function collectPatterns(pattern: string, before: readonly string[] | undefined): string[] {
  if (pattern === "") throw new InvalidArgumentError("an empty pattern matches nothing.");
  try {
    nameFilter({ include: [pattern], exclude: [] });
  } catch (error) {
    if (error instanceof NamePatternError) throw new InvalidArgumentError(`${error.message}.`);
    throw error;
  }
  return [...(before ?? []), pattern];
}

/** @returns undefined when every file is meant */
export const filterOf = ({ exclude = [], include = [] }: InputOptions): NameFilter | undefined =>
  include.length + exclude.length === 0 ? undefined : { include: [...include], exclude: [...exclude] };
