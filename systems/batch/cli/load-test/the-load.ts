import path from "node:path";
import type { SourceFile } from "../../core/submission/submission";
import { nameFilter } from "../../core/sources/name-filter";
import type { CommandContext } from "../context";
import { DEFAULT_OUT } from "../inputs/default-excludes";
import { givenInputs } from "../inputs/given-inputs";
import { lookAtPaths } from "../inputs/look-at-paths";
import { UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import { writeWordFreqSet } from "./word-freq-set";

/** What of the uploading bucket is copied: the object that is not text stays (requirement S1.32). */
export const COPIED = "*.txt";
export const isCopied = nameFilter({ include: [COPIED], exclude: [] });

/** Of the texts that are made: the same files whenever they are made, here and elsewhere. */
const SEED = 1;

/** The texts of a folder, as many as are wanted, by name. @throws UsageError for too few */
export async function textsOf(context: CommandContext, folder: string, files: number): Promise<readonly SourceFile[]> {
  const options = { defaultExcludes: true, keepArchives: true, include: [COPIED], out: DEFAULT_OUT } as const;
  const found = await lookAtPaths(context, await givenInputs(context, [folder], {}), options);
  if (found.length < files) {
    throw new UsageError(
      `'${folder}' has ${plural(found.length, "file")} whose name ends with .txt; the load has ${files}`,
      `say how many with --files, ${found.length} at most, or give another folder`,
    );
  }
  if (found.length > files) context.reporter.say(`the first ${files} of ${plural(found.length, "file")}, by name`);
  return found.slice(0, files);
}

/** Writes seeded text like English: the files of the published load. */
export async function makeTexts(folder: string, files: number, totalBytes: number): Promise<readonly SourceFile[]> {
  const written = await writeWordFreqSet(folder, { files, totalBytes, seed: SEED });
  return written.map(({ bytes, name }) => ({ name, path: path.join(folder, name), size: bytes }));
}
