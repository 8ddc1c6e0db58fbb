import { textOf } from "./entries";
import type { Case } from "./generate";
import type { FileNode, FolderNode, LinkNode } from "./entries";
import { isListable, isSearchable, Resolver } from "./resolve";
import type { Found } from "./resolve";

/** What docs/commands.md, "What is submitted", says of a tree: every file's one name, and all that can't be taken. */
export interface ExpectedNames {
  readonly files: readonly { readonly name: string; readonly file: FileNode }[];
  /** Names of what can't be taken; whether it may be, or hold, a file of another name than that. */
  readonly problems: readonly { readonly name: string; readonly mayHold: boolean }[];
  /** What was left out by name. */
  readonly leftOut: ReadonlySet<string>;
}

const EXCLUDED = new Set([".git", ".hg", ".svn", ".filemill", "filemill-out", ".DS_Store", "__MACOSX", "Thumbs.db", "desktop.ini"]);
const MAXIMUM_NAME_BYTES = 1_024 - "batches/01ARZ3NDEKTSV4RRFFQ69G5FAV/".length;

/** A folder under a name: that of a file in it begins with `prefix`. */
interface Reached {
  readonly prefix: string;
  /** From the top to the folder itself. */
  readonly folders: readonly FolderNode[];
}
interface ReachedLink {
  readonly name: string;
  readonly folders: readonly FolderNode[];
  readonly link: LinkNode;
}

/** @returns undefined when a path given is refused: it isn't there, or leads to nothing */
export function expectedNames(tree: Case, isRoot: boolean, home: string | undefined): ExpectedNames | undefined {
  const resolver = new Resolver(tree.top, isRoot);
  const typed = tree.paths.map((path) => path.replace(/^\{top\}\//, ""));
  const found = typed.map((path) => (path === "" ? "nothing" : resolver.path([tree.top], path)));
  if (found.some((each) => typeof each === "string")) return undefined;
  const names = new Names(tree, resolver, isRoot, home);
  const fruitful = typed.map((path, index) => names.add(path, found[index] ?? "nothing"));
  return fruitful.includes(false) ? undefined : names;
}

class Names implements ExpectedNames {
  public readonly files: { name: string; file: FileNode }[] = [];
  public readonly problems: { name: string; mayHold: boolean }[] = [];
  public readonly leftOut = new Set<string>();
  private readonly named = new Set<FileNode>();
  private readonly entered = new Set<FolderNode>();
  private readonly apart: ReadonlySet<FolderNode>;

  public constructor(
    private readonly tree: Case,
    private readonly resolver: Resolver,
    private readonly isRoot: boolean,
    home: string | undefined,
  ) {
    const apart = [tree.out ?? "filemill-out", ...(home === undefined ? [] : [home])].map((path) => resolver.path([tree.top], path));
    this.apart = new Set(apart.flatMap((found) => (typeof found !== "string" && found.kind === "folder" ? [found] : [])));
  }

  /** @returns whether the path leads to anything but folders */
  public add(path: string, found: Found): boolean {
    const name = path.split("/").at(-1) ?? "";
    if (typeof found === "string") throw new RangeError("what isn't there is refused before");
    if (found.kind === "file") {
      this.name(found, name);
      return true;
    }
    if (found.kind === "special") {
      this.problems.push({ name, mayHold: false });
      return true;
    }
    const folders = this.resolver.foldersTo([this.tree.top], path) ?? [];
    const before = new Set(this.entered);
    let isFruitful = false;
    let level: { dirs: Reached[]; files: { name: string; file: FileNode }[] } = { dirs: [{ prefix: "", folders }], files: [] };
    const visited = new Set<FolderNode>();
    while (level.dirs.length + level.files.length > 0) {
      const dirs = firstOfEach(this.withFoldersBelow(level.dirs).filter(({ folders: to }) => !visited.has(lastOf(to))));
      for (const { folders: to } of dirs) visited.add(lastOf(to));
      const links: ReachedLink[] = [];
      const files = [...level.files];
      for (const dir of dirs) isFruitful = this.look(dir, before, files, links) || isFruitful;
      files.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
      for (const { file, name: fileName } of files) this.name(file, fileName);
      isFruitful ||= files.length > 0;
      const next = links.map((link) => this.followed(link));
      isFruitful ||= next.includes("problem");
      level = {
        dirs: next.flatMap((each) => (typeof each !== "string" && "folders" in each ? [each] : [])),
        files: next.flatMap((each) => (typeof each !== "string" && "file" in each ? [each] : [])),
      };
    }
    return isFruitful;
  }

  private name(file: FileNode, name: string): void {
    if (!this.named.has(file)) this.files.push({ name, file });
    this.named.add(file);
  }

  /**
   * Looks at what is in a folder.
   *
   * @param before folders of the paths given before: their problems are known
   * @returns whether it holds a problem
   */
  private look(
    { folders, prefix }: Reached,
    before: ReadonlySet<FolderNode>,
    files: { name: string; file: FileNode }[],
    links: ReachedLink[],
  ): boolean {
    const folder = lastOf(folders);
    const isNew = !before.has(folder);
    this.entered.add(folder);
    let hasProblem = false;
    const problem = (name: string, mayHold: boolean): void => {
      hasProblem = true;
      if (isNew) this.problems.push({ name, mayHold });
    };
    if (!isListable(folder, this.isRoot)) {
      problem(prefix, true);
      return true;
    }
    for (const { bytes, node } of folder.entries) {
      const text = textOf(bytes);
      if (text === undefined) problem(`${prefix}${bytes}`, node.kind === "folder" || node.kind === "link");
      else if (this.isExcluded(text)) this.leftOut.add(text);
      else if (!isSearchable(folder, this.isRoot)) problem(prefix + text, true);
      else if (node.kind === "file") files.push({ name: prefix + text, file: node });
      else if (node.kind === "special") problem(prefix + text, false);
      // a link is looked at again below every path that leads to it, but told of once
      else if (node.kind === "link") links.push({ name: prefix + text, folders, link: node });
    }
    return hasProblem;
  }

  private followed({ folders, link, name }: ReachedLink): Reached | { name: string; file: FileNode } | "problem" {
    const found = this.resolver.link(folders, link);
    if (typeof found === "string" || found.kind === "special") {
      if (!this.told.has(link)) this.problems.push({ name, mayHold: found === "closed" });
      this.told.add(link);
      return "problem";
    }
    if (found.kind === "file") return { name, file: found };
    return { prefix: `${name}/`, folders: this.resolver.foldersToLinked(folders, link) ?? [] };
  }
  private readonly told = new Set<LinkNode>();

  private isExcluded(name: string): boolean {
    return this.tree.defaultExcludes && EXCLUDED.has(name);
  }

  /** These folders and all real ones below them, without those that are left out. */
  private withFoldersBelow(reached: readonly Reached[]): Reached[] {
    return reached.flatMap((each): Reached[] => {
      const folder = lastOf(each.folders);
      if (this.apart.has(folder)) return [];
      if (!isListable(folder, this.isRoot) || !isSearchable(folder, this.isRoot)) return [each];
      const below = folder.entries.flatMap(({ bytes, node }) => {
        const name = textOf(bytes);
        if (name === undefined || node.kind !== "folder" || this.isExcluded(name)) return [];
        return [{ prefix: `${each.prefix}${name}/`, folders: [...each.folders, node] }];
      });
      return [each, ...this.withFoldersBelow(below)];
    });
  }
}

/** Each folder under the first of its names. */
function firstOfEach(reached: readonly Reached[]): Reached[] {
  const first = new Map<FolderNode, Reached>();
  for (const each of reached) {
    const known = first.get(lastOf(each.folders));
    if (known === undefined || Buffer.compare(Buffer.from(each.prefix), Buffer.from(known.prefix)) < 0)
      first.set(lastOf(each.folders), each);
  }
  return [...first.values()];
}

function lastOf(folders: readonly FolderNode[]): FolderNode {
  const last = folders.at(-1);
  if (last === undefined) throw new RangeError("no folder");
  return last;
}

/** Longer names don't fit a key. */
export const isTooLong = (name: string): boolean => Buffer.byteLength(name) > MAXIMUM_NAME_BYTES;
