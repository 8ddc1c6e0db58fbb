import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/**
 * The absolute path that the system takes a given one for: `link/..` is what lies above the link's target, not above the link.
 *
 * @param workingDirectory absolute; what a relative path begins at
 * @param given as somebody has written it; what lies before a `..` need not exist
 */
export function resolveFrom(workingDirectory: string, given: string): string {
  const start = path.isAbsolute(given) ? path.sep : workingDirectory;
  return given.split(path.sep).reduce((at, part) => (part === ".." ? path.dirname(targetOf(at)) : path.join(at, part)), start);
}

const targetOf = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : folder);
