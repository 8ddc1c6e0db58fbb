import { listedSources, type NamedObject } from "../../core/sources/listed-sources";
import { isArchived } from "../../../../kit/ports/is-archived";
import type { CommandContext } from "../context";
import { UsageError } from "../../../../kit/cli/command-errors";
import type { Services } from "../services";
import { MAXIMUM_NAME_BYTES } from "./file-names";
import { filterOf, type InputOptions } from "./input-options";
import { tellArchivesInS3 } from "./tell-inputs";
import { refuseProblems } from "./local-files";
import { skip } from "./look-at-paths";
import { sourcesOf, type S3Address } from "./objects";
import type { InputProblem } from "./problems";

/**
 * Lists the objects that are to be copied, from any bucket that the user may read.
 *
 * @throws UsageError that lists all that can't be copied, unless it is to be skipped; when nothing is left; what `sourcesOf` throws
 */
export async function lookAtObjects(
  context: CommandContext,
  { objects }: Pick<Services, "objects">,
  addresses: readonly S3Address[],
  options: InputOptions,
): Promise<readonly NamedObject[]> {
  const filter = filterOf(options);
  const sources = await sourcesOf({ objects }, addresses, filter);
  const found: NamedObject[] = [];
  const problems: InputProblem[] = [];
  for await (const file of listedSources(objects, sources, filter)) {
    context.signal.throwIfAborted();
    const words = problemOf(file);
    if (words === undefined) found.push(file);
    else problems.push({ name: file.name, path: `s3://${file.object.bucket}/${file.object.key}`, words });
  }
  if (options.skipUnreadable === true) skip(context, problems);
  else refuseProblems(problems);
  tellArchivesInS3(
    context.reporter,
    found.map(({ object }) => `s3://${object.bucket}/${object.key}`),
  );
  if (found.length === 0) throw new UsageError("no object is left: nothing that was found can be copied", "see what is wrong with each");
  return found;
}

/** Why an object can't be copied, as far as a listing tells. */
function problemOf({ name, object }: NamedObject): string | undefined {
  if (isArchived(object)) return "it is archived: restore it first";
  const bytes = Buffer.byteLength(name);
  if (bytes <= MAXIMUM_NAME_BYTES) return undefined;
  return `its name has ${bytes} bytes; the key of its copy leaves room for ${MAXIMUM_NAME_BYTES}: give a prefix nearer to it`;
}
