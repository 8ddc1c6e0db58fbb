import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";

/** @returns the path of a program on PATH, undefined when there is none that may be run */
export function findProgram(name: string, { PATH = "" }: NodeJS.ProcessEnv): string | undefined {
  if (name.includes(path.sep)) return isProgram(name) ? name : undefined;
  return PATH.split(path.delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => path.join(folder, name))
    .find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // not there, or not for this user: the next folder may have one
    return false;
  }
}
