import { realpath } from "node:fs/promises";
import path from "node:path";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { UsageError } from "../../../../kit/cli/command-errors";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { unreadable } from "../../../../kit/cli/system-error";
import type { ListedPath } from "./list-file";
import { problemOf, type InputProblem } from "./problems";

const LOOKS_AT_A_TIME = 16;

/** A path that was given. */
export interface Root {
  readonly given: string;
  /** Absolute. */
  readonly path: string;
  /** What it is called in results. @default its base name, or nothing for a folder */
  readonly as?: string;
  /** The list that names it, and where there. */
  readonly where?: string;
}

/** Arguments as roots. @throws UsageError that names every path that isn't there */
export async function rootsOfArguments(paths: readonly string[], workingDirectory: string): Promise<Root[]> {
  if (paths.some((given) => given === "")) {
    throw new UsageError("a path is empty: ''", "give a folder or a file; in a script, look at the variable that it comes from");
  }
  const roots: Root[] = [];
  const missing: unknown[] = [];
  for (const given of paths) {
    try {
      roots.push({ given, path: await existing(given, workingDirectory) });
    } catch (error) {
      missing.push(unreadable(given, error));
    }
  }
  if (missing.length > 1 && missing.every((error) => error instanceof UsageError)) {
    throw new UsageError(missing.map(({ message }) => message).join("\n"), "check the paths");
  }
  if (missing.length > 0) throw missing[0];
  return roots;
}

/**
 * Paths of lists as roots, in their order: they keep the folders that they are written with, as `rsync` and `tar` do.
 *
 * @returns also what isn't there, as problems: a list may be older than what it lists
 */
export async function rootsOfLists(
  listed: readonly ListedPath[],
  workingDirectory: string,
): Promise<{ readonly roots: Root[]; readonly problems: InputProblem[] }> {
  const found = new Array<Root | undefined>(listed.length);
  const problems: InputProblem[] = [];
  await forEachConcurrently(listed.entries(), LOOKS_AT_A_TIME, async ([index, { given, where }]) => {
    try {
      const absolute = await existing(given, workingDirectory);
      found[index] = { given, where, path: absolute, as: nameFrom(workingDirectory, absolute) };
    } catch (error) {
      problems.push({ ...problemOf(nameFrom(workingDirectory, path.resolve(workingDirectory, given)), given, error), where });
    }
  });
  return { roots: found.filter((root) => root !== undefined), problems };
}

/** Absolute; a file keeps the name that it was given by, be it a link's. @throws the system's error for one that isn't there */
async function existing(given: string, workingDirectory: string): Promise<string> {
  // unlike an output, what is read must be there, and so must all that lies before a `..`
  await realpath(path.isAbsolute(given) ? given : `${workingDirectory}${path.sep}${given}`);
  return resolveFrom(workingDirectory, given);
}

/** Below the working directory the path from there, elsewhere the whole path without its first slash. */
function nameFrom(workingDirectory: string, absolute: string): string {
  const relative = path.relative(workingDirectory, absolute);
  return relative === ".." || relative.startsWith(`..${path.sep}`) ? absolute.replace(/^\/+/, "") : relative;
}
