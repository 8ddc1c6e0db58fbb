import path from "node:path";
import { HomeRefusedError } from "../errors";

/** Which folder is the home of the local run: everything that it keeps lies in there. */
export interface HomeLocation {
  /** Absolute. */
  readonly path: string;
  /** true: FILEMILL_HOME names it. false: it is `.filemill` of the project. */
  readonly named: boolean;
}

/** The folder of the project that is the home when none is named. */
export const DEFAULT_HOME = ".filemill";
export const HOME_VARIABLE = "FILEMILL_HOME";
export const NAME_ANOTHER = `name a folder of its own with ${HOME_VARIABLE} (one that is empty, or doesn't exist yet), or unset it`;

/**
 * Takes the home from what the environment says.
 *
 * @param named value of FILEMILL_HOME; undefined when it is not set
 * @throws HomeRefusedError for a value that names nothing, or not what it seems to
 */
export function locateHome(named: string | undefined, projectDirectory: string, workingDirectory: string): HomeLocation {
  if (named === undefined) return { path: path.join(projectDirectory, DEFAULT_HOME), named: false };
  if (named.trim() === "") throw new HomeRefusedError(`${HOME_VARIABLE}='${named}' names no folder`, NAME_ANOTHER);
  if (named.startsWith("~")) {
    throw new HomeRefusedError(
      `${HOME_VARIABLE}='${named}': the shell leaves a '~' in quotes as it is`,
      "write the folder's whole path, or ./~ if that is meant",
    );
  }
  return { path: path.resolve(workingDirectory, named), named: true };
}
