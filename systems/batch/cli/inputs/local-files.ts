import { constants } from "node:fs";
import { access } from "node:fs/promises";
import type { NameFilter } from "../../contracts/batch";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { nameFilter, type NamePredicate } from "../../core/sources/name-filter";
import type { SourceFile } from "../../core/submission/submission";
import { UsageError } from "../../../../kit/cli/command-errors";
import { plural } from "../../../../kit/cli/render/numbers";
import { DEFAULT_EXCLUDES } from "./default-excludes";
import { sortByName } from "../../../../kit/lib/sort-by-name";
import { MAXIMUM_NAME_BYTES } from "./file-names";
import { isToOpen, openArchives, type OpenedArchives } from "./open-archives";
import { listProblems, problemOf, type InputProblem } from "./problems";
import type { ListedPath } from "./list-file";
import { rootsOfArguments, rootsOfLists, type Root } from "./roots";
import { TreeWalk, type WalkOptions } from "./tree-walk";

const ACCESSES_AT_A_TIME = 16;

export interface LocalFilesOptions {
  /** Paths that were given are relative to it. */
  readonly workingDirectory: string;
  /** Paths of lists, which are looked at after the others. @default none */
  readonly listed?: readonly ListedPath[];
  /** @default everything is meant */
  readonly filter?: NameFilter | undefined;
  /** false: what is left out by default is taken in. */
  readonly defaultExcludes: boolean;
  /** true: archives are files like others. */
  readonly keepArchives?: boolean;
  readonly signal?: AbortSignal;
  /** Folders that are never input: results, and the home of local runs. Absolute. */
  readonly apart: readonly string[];
}

/** What was found below the paths given. */
export interface LocalFiles {
  /** With the names they will have in results, sorted as S3 sorts keys (by UTF-8 bytes). */
  readonly files: readonly SourceFile[];
  /** What is meant and can't be taken. */
  readonly problems: readonly InputProblem[];
  /** How often each name, or path of a folder apart, was left out. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Files that the filter leaves out. */
  readonly filteredOut: number;
  /** Links and other names of what counts under another one. */
  readonly otherNames: number;
  /** What archives among them came to. */
  readonly archives: OpenedArchives;
}

/**
 * Finds the files below paths: which counts once under which name, `TreeWalk` says. Nothing is left out silently. The filter is about the
 * names that files have got: a file that it leaves out isn't counted under another name instead.
 *
 * @throws UsageError for a path that isn't there or leads to nothing, and for two files of one name
 */
export async function findLocalFiles(paths: readonly string[], options: LocalFilesOptions): Promise<LocalFiles> {
  const { apart, defaultExcludes, listed = [], workingDirectory } = options;
  const given = await rootsOfArguments(paths, workingDirectory);
  const fromLists = await rootsOfLists(listed, workingDirectory);
  const walkOptions: WalkOptions = { excludedNames: defaultExcludes ? DEFAULT_EXCLUDES : new Set(), apart };
  const walk = await TreeWalk.make(walkOptions);
  for (const root of [...given, ...fromLists.roots]) {
    if ((await walk.add(root.path, root.as)) === 0) await refuseEmpty(root, walkOptions);
  }
  const isMeant = nameFilter(options.filter);
  const isArchive = ({ name }: SourceFile): boolean => options.keepArchives !== true && isToOpen(name, options.filter);
  const archives = await openArchives(walk.files.filter(isArchive), {
    filter: options.filter,
    excludedNames: walkOptions.excludedNames,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  const others = walk.files.filter((file) => !isArchive(file));
  const meant = others.filter(({ name }) => isMeant(name));
  const named = [...meant, ...archives.files];
  refuseSameNames(named);
  const { files, problems } = await readableOf(named);
  return {
    files: sortByName(files),
    problems: [
      ...[...fromLists.problems, ...walk.problems].filter((problem) => concerns(problem, options.filter, isMeant)),
      ...archives.problems,
      ...problems,
    ],
    leftOut: walk.leftOut,
    filteredOut: others.length - meant.length + archives.filteredOut,
    otherNames: walk.otherNames,
    archives,
  };
}

/** A path adds nothing when the ones before led to all of it, or when there is nothing. @throws UsageError for the second */
async function refuseEmpty(root: Root, options: WalkOptions): Promise<void> {
  const alone = await TreeWalk.make(options);
  if ((await alone.add(root.path)) === 0) throw nothingIn(root, alone);
}

function nothingIn({ given, where }: Root, { leftOut }: TreeWalk): UsageError {
  const place = `'${given}'${where === undefined ? "" : ` (${where})`}`;
  if (leftOut.size === 0) return new UsageError(`no files in ${place}`, "give a folder that holds files, or a file");
  return new UsageError(
    `no files in ${place} but what is left out: ${[...leftOut.keys()].join(", ")}`,
    "give what is in there itself, or --no-default-excludes; results and the folder of local runs are never input",
  );
}

/** A folder is left out as a whole when one pattern leaves out files in it that have nothing in common. */
const UNLIKE_NAMES = ["a", "Zz.9"] as const;

/** Whether something that can't be taken is meant, or may hold what is. */
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
      // a member was read when its archive was
      if (file.member === undefined) await access(file.path, constants.R_OK);
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
    `${plural(problems.length, "thing")} of the input can't be taken:\n${listProblems(problems).join("\n")}`,
    "mend them or take them out, leave them out by name with --exclude, or go on without them with --skip-unreadable",
  );
}
