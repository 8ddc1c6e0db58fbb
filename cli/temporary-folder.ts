import { randomBytes } from "node:crypto";
import { stat } from "node:fs/promises";
import path from "node:path";
import { CreatedFile } from "../folders/created-file";
import { withTemporaryFolder } from "../folders/process-folder";
import type { CommandContext } from "./context";
import { RunFailedError, UsageError } from "./errors";
import { codeOf, messageOf } from "./system-error";

/** As Node looks for it. https://nodejs.org/api/os.html#ostmpdir */
const VARIABLES = ["TMPDIR", "TMP", "TEMP"] as const;
const DEFAULT_FOLDER = "/tmp";
/** Beginning of the names of commands' folders in there. */
const PREFIX = "filemill-";

const FULL: Readonly<Record<string, string>> = { ENOSPC: "the disk is full", EDQUOT: "the disk quota is used up" };

interface TemporaryPlace {
  readonly folder: string;
  /** For messages: where the folder comes from. */
  readonly name: string;
}

/**
 * Checks the folder for temporary files, before a command that will need one starts anything: `verify`, and with `--via upload`
 * `local run` and `submit --watch` (they merge counts, which go to disk when they are many).
 *
 * @throws UsageError for a variable that names no folder, a relative one, one that isn't there or can't be written
 */
export async function checkTemporaryFolder({ environment }: Pick<CommandContext, "environment">): Promise<TemporaryPlace> {
  const variable = VARIABLES.find((name) => environment[name] !== undefined);
  const folder = variable === undefined ? DEFAULT_FOLDER : (environment[variable] ?? "");
  const name = variable === undefined ? `'${DEFAULT_FOLDER}', the folder for temporary files,` : `${variable}='${folder}'`;
  const problem = await problemOf(folder);
  if (problem === undefined) return { folder, name };
  throw new UsageError(`${name} ${problem}`, `name a folder that can be written with ${variable ?? "TMPDIR"}, or unset it`);
}

/** Runs `use` with a folder for temporary files. What killed commands left there goes first. @throws UsageError, RunFailedError */
export async function withCommandFolder<T>(context: Pick<CommandContext, "environment">, use: (folder: string) => Promise<T>): Promise<T> {
  const { folder, name } = await checkTemporaryFolder(context);
  try {
    return await withTemporaryFolder(folder, PREFIX, use);
  } catch (error) {
    const problem = FULL[codeOf(error)];
    if (problem === undefined) throw error;
    throw new RunFailedError(`can't write temporary files, ${name}: ${problem}`, "make room there, or name another folder with TMPDIR", {
      cause: error,
    });
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
