import { constants } from "node:fs";
import { access, realpath } from "node:fs/promises";
import path from "node:path";
import type { NameFilter } from "../../contracts/batch";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { nameFilter, type NamePredicate } from "../../core/sources/name-filter";
import type { SourceFile } from "../../core/submission/submission";
import { UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import { unreadable } from "../../../../kit/cli/system-error";
import { DEFAULT_EXCLUDES } from "./default-excludes";
import { resolveFrom } from "../../../../kit/cli/resolve-from";
import { MAXIMUM_NAME_BYTES, sortByName } from "./file-names";
import { listProblems, problemOf, type InputProblem } from "./problems";
import { TreeWalk, type WalkOptions } from "./tree-walk";

const ACCESSES_AT_A_TIME = 16;

export interface LocalFilesOptions {
  /** Paths that were given are relative to it. */
  readonly workingDirectory: string;
  /** @default everything is meant */
  readonly filter?: NameFilter | undefined;
  /** false: what is left out by default is taken in. */
  readonly defaultExcludes: boolean;
  /** Folders that are never input: results, and the home of local runs. Absolute. */
  readonly apart: readonly string[];
}

/** What was found below the paths given. */
export interface LocalFiles {
  /** With the names they will have in results, sorted as S3 sorts keys (by UTF-8 bytes). */
  readonly files: readonly SourceFile[];
  /** What is meant and can't be counted. */
  readonly problems: readonly InputProblem[];
  /** How often each name, or path of a folder apart, was left out. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Files that the filter leaves out. */
  readonly filteredOut: number;
  /** Links and other names of what counts under another one. */
  readonly otherNames: number;
}

/**
 * Finds the files below paths: which counts once under which name, `TreeWalk` says. Nothing is left out silently. The filter is about the
 * names that files have got: a file that it leaves out isn't counted under another name instead.
 *
 * @throws UsageError for a path that isn't there or leads to nothing, and for two files of one name
 */
export async function findLocalFiles(paths: readonly string[], options: LocalFilesOptions): Promise<LocalFiles> {
  const { apart, defaultExcludes, workingDirectory } = options;
  const roots = await rootsOf(paths, workingDirectory);
  const walkOptions: WalkOptions = { excludedNames: defaultExcludes ? DEFAULT_EXCLUDES : new Set(), apart };
  const walk = await TreeWalk.make(walkOptions);
  for (const [given, root] of roots) {
    if ((await walk.add(root)) === 0) await refuseEmpty(given, root, walkOptions);
  }
  const isMeant = nameFilter(options.filter);
  const named = walk.files.filter(({ name }) => isMeant(name));
  refuseSameNames(named);
  const { files, problems } = await readableOf(named);
  return {
    files: sortByName(files),
    problems: [...walk.problems.filter((problem) => concerns(problem, options.filter, isMeant)), ...problems],
    leftOut: walk.leftOut,
    filteredOut: walk.files.length - named.length,
    otherNames: walk.otherNames,
  };
}

/** @throws UsageError that names every path that isn't there */
async function rootsOf(paths: readonly string[], workingDirectory: string): Promise<(readonly [given: string, root: string])[]> {
  if (paths.some((given) => given === "")) {
    throw new UsageError("a path is empty: ''", "give a folder or a file; in a script, look at the variable that it comes from");
  }
  const roots: (readonly [given: string, root: string])[] = [];
  const missing: unknown[] = [];
  for (const given of paths) {
    try {
      roots.push([given, await rootOf(given, workingDirectory)]);
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

/** Absolute; a file keeps the name that it was given by, be it a link's. @throws the system's error for one that isn't there */
async function rootOf(given: string, workingDirectory: string): Promise<string> {
  // unlike an output, what is read must be there, and so must all that lies before a `..`
  await realpath(path.isAbsolute(given) ? given : `${workingDirectory}${path.sep}${given}`);
  return resolveFrom(workingDirectory, given);
}

/** A path adds nothing when the ones before led to all of it, or when there is nothing. @throws UsageError for the second */
async function refuseEmpty(given: string, root: string, options: WalkOptions): Promise<void> {
  const alone = await TreeWalk.make(options);
  if ((await alone.add(root)) === 0) throw nothingIn(given, alone);
}

function nothingIn(given: string, { leftOut }: TreeWalk): UsageError {
  if (leftOut.size === 0) return new UsageError(`no files in '${given}'`, "give a folder that holds files, or a file");
  return new UsageError(
    `no files in '${given}' but what is left out: ${[...leftOut.keys()].join(", ")}`,
    "give what is in there itself, or --no-default-excludes; results and the folder of local runs are never input",
  );
}

/** A folder is left out as a whole when one pattern leaves out files in it that have nothing in common. */
const UNLIKE_NAMES = ["a", "Zz.9"] as const;

/** Whether something that can't be counted is meant, or may hold what is. */
function concerns({ mayHold, name }: InputProblem, filter: NameFilter | undefined, isMeant: NamePredicate): boolean {
  const isFolder = name === "" || name.endsWith("/");
  if (!isFolder && isMeant(name)) return true;
  const folder = isFolder ? name : `${name}/`;
  const leavesOut = (pattern: string): boolean => {
    const isLeft = nameFilter({ include: [], exclude: [pattern] });
    return UNLIKE_NAMES.every((unlike) => !isLeft(folder + unlike));
  };
  return mayHold === true && !(filter?.exclude ?? []).some(leavesOut);
}

/** @throws UsageError that names every two of one name */
function refuseSameNames(files: readonly SourceFile[]): void {
  const first = new Map<string, SourceFile>();
  const pairs: string[] = [];
  for (const file of files) {
    const other = first.get(file.name);
    if (other === undefined) first.set(file.name, file);
    else pairs.push(`two files would both be named '${file.name}': '${other.path}' and '${file.path}'`);
  }
  if (pairs.length > 0) throw new UsageError(pairs.join("\n"), "give the folder above them, or run them apart");
}

async function readableOf(files: readonly SourceFile[]): Promise<{ readonly files: SourceFile[]; readonly problems: InputProblem[] }> {
  const readable: SourceFile[] = [];
  const problems: InputProblem[] = [];
  await forEachConcurrently(files, ACCESSES_AT_A_TIME, async (file) => {
    const bytes = Buffer.byteLength(file.name);
    if (bytes > MAXIMUM_NAME_BYTES) {
      const words = `its name has ${bytes} bytes; an S3 key leaves room for ${MAXIMUM_NAME_BYTES}: shorten it, or give a folder nearer to it`;
      problems.push({ name: file.name, path: file.path, words });
      return;
    }
    try {
      await access(file.path, constants.R_OK);
      readable.push(file);
    } catch (error) {
      problems.push(problemOf(file.name, file.path, error));
    }
  });
  return { files: readable, problems };
}

/** @throws UsageError that lists all of them */
export function refuseProblems(problems: readonly InputProblem[]): void {
  if (problems.length === 0) return;
  throw new UsageError(
    `${plural(problems.length, "thing")} of the input can't be counted:\n${listProblems(problems).join("\n")}`,
    "mend them or take them out, leave them out by name with --exclude, or go on without them with --skip-unreadable",
  );
}
