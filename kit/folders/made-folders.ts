import { mkdir, stat } from "node:fs/promises";
import path from "node:path";
import { removeFolderIfEmpty } from "./removal";
import { codeOf } from "./system-errors";

/**
 * Makes a folder and those above it that are missing. (Node's own way to do that never ends below a folder that takes none, such as /proc.)
 *
 * @param mode of the folders that are made
 * @returns takes back the folders that were made, from the innermost on, up to one in which something is by then
 * @throws EEXIST when something that is not a folder has the name
 */
export async function makeFolders(folder: string, mode?: number): Promise<() => Promise<void>> {
  const made = await makeMissing(folder, mode);
  return async () => {
    for (const each of made) if (!(await removeFolderIfEmpty(each))) return;
  };
}

/** @returns the folders that were made, the innermost first */
async function makeMissing(folder: string, mode: number | undefined): Promise<string[]> {
  const first = await make(folder, mode);
  if (first === "made") return [folder];
  if (first === "there") return [];
  const parent = path.dirname(folder);
  const above = parent === folder ? [] : await makeMissing(parent, mode);
  const second = await make(folder, mode);
  if (second === "made") return [folder, ...above];
  if (second === "there") return above;
  throw second;
}

/** @returns the error when the folder above is missing */
async function make(folder: string, mode: number | undefined): Promise<"made" | "there" | NodeJS.ErrnoException> {
  try {
    await mkdir(folder, { ...(mode === undefined ? {} : { mode }) });
    return "made";
  } catch (error) {
    if (codeOf(error) === "ENOENT") return error as NodeJS.ErrnoException;
    if (codeOf(error) === "EEXIST" && (await isFolder(folder))) return "there";
    throw error;
  }
}

/** Also over a link: people link their folders to other disks. */
async function isFolder(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isDirectory();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}
