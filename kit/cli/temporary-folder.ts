import { codeOf, messageOf } from "../folders/system-errors";
import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { CreatedFile } from "../folders/created-file";
import { withTemporaryFolder } from "../folders/process-folder";
import type { VerbContext } from "./verb-context";
import { UsageError } from "./command-errors";
import { unwritable } from "./system-error";

/** As Node looks for it. https://nodejs.org/api/os.html#ostmpdir */
const VARIABLES = ["TMPDIR", "TMP", "TEMP"] as const;
const DEFAULT_FOLDER = "/tmp";
/** Beginning of the names of commands' folders in there. */
const PREFIX = "filemill-";

/**
 * Checks the folder for temporary files, before a command that will need one starts anything: `verify`, and with `--via upload`
 * `local run` and `submit --watch` (they merge counts, which go to disk when they are many).
 *
 * @returns the folder
 * @throws UsageError for a variable that names no folder, a relative one, one that isn't there or can't be written
 */
export async function checkTemporaryFolder({ environment }: Pick<VerbContext, "environment">): Promise<string> {
  const variable = VARIABLES.find((name) => environment[name] !== undefined);
  const folder = variable === undefined ? DEFAULT_FOLDER : (environment[variable] ?? "");
  const name = variable === undefined ? `'${DEFAULT_FOLDER}', the folder for temporary files,` : `${variable}='${folder}'`;
  const problem = await problemOf(folder);
  if (problem === undefined) return folder;
  throw new UsageError(`${name} ${problem}`, `name a folder that can be written with ${variable ?? "TMPDIR"}, or unset it`);
}

/** Runs `use` with a folder for temporary files. What killed commands left there goes first. @throws UsageError, UnwritableError */
export async function withCommandFolder<T>(context: Pick<VerbContext, "environment">, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await checkTemporaryFolder(context);
  try {
    return await withTemporaryFolder(folder, PREFIX, use);
  } catch (error) {
    // of the other errors those of the system may be another place's
    if (!["ENOSPC", "EDQUOT"].includes(codeOf(error))) throw error;
    throw unwritable({ what: "temporary files", folder, elsewhere: "name another folder with TMPDIR" }, error);
  }
}

async function problemOf(folder: string): Promise<string | undefined> {
  if (folder.trim() === "") return "names no folder";
  if (!path.isAbsolute(folder)) return "is not a whole path, beginning with '/'";
  try {
    if (!(await stat(folder)).isDirectory()) return "is not a folder";
  } catch (error) {
    return codeOf(error) === "ENOENT" ? "doesn't exist" : `can't be used: ${messageOf(error)}`;
  }
  try {
    const probe = await CreatedFile.create(path.join(folder, `${PREFIX}${randomBytes(6).toString("hex")}`));
    await probe.discard();
    return undefined;
  } catch (error) {
    return `can't be written: ${messageOf(error)}`;
  }
}
