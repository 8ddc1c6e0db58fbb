import type { SourceFile } from "../../core/submission/submission";
import type { CommandContext } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import { EXIT } from "../../../../kit/cli/exit-codes";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import type { OutputOptions } from "../options";
import { textsOf, type GivenInputs } from "./given-inputs";
import { filterOf, type InputOptions } from "./input-options";
import { findLocalFiles, refuseProblems } from "./local-files";
import { parseS3Address } from "./objects";
import { tellArchives, tellLeftOut, tellSkipped } from "./tell-inputs";

/**
 * Finds what paths of this machine lead to, and says what of it is left out.
 *
 * @throws UsageError that lists all that can't be taken, unless it is to be skipped; when nothing is left
 */
export async function lookAtPaths(
  context: CommandContext,
  given: GivenInputs,
  options: InputOptions & Pick<OutputOptions, "out">,
): Promise<readonly SourceFile[]> {
  const { local, reporter, workingDirectory } = context;
  const { listed, paths } = given;
  const address = textsOf(given).find((text) => parseS3Address(text) !== undefined);
  if (address !== undefined) {
    throw new UsageError(
      `'${address}' is in S3, and files of this machine are wanted here`,
      "bring it here with `aws s3 cp`, or give it to `npx filemill submit`",
    );
  }
  const apart = [resolveFrom(workingDirectory, options.out), local.homeDirectory()];
  const found = await findLocalFiles(paths, {
    listed,
    workingDirectory,
    filter: filterOf(options),
    defaultExcludes: options.defaultExcludes,
    apart,
    keepArchives: options.keepArchives === true,
    signal: context.signal,
  });
  if (options.skipUnreadable === true) skip(context, found.problems);
  else refuseProblems(found.problems);
  tellLeftOut(reporter, found, apart);
  tellArchives(reporter, found.archives);
  if (found.files.length > 0) return found.files;
  throw new UsageError(
    found.filteredOut > 0 ? "--include and --exclude leave no file" : "no file is left: nothing that was found can be counted",
    found.filteredOut > 0 ? "look at the patterns: a name is the path below what was given" : "see what is wrong with each",
  );
}

/** Goes on without them: the command does not end with exit code 0 any more. */
export function skip(context: CommandContext, problems: Parameters<typeof tellSkipped>[1]): void {
  tellSkipped(context.reporter, problems);
  if (problems.length > 0) context.exitAtLeast(EXIT.quarantined);
}
