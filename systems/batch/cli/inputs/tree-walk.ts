import type { BigIntStats } from "node:fs";
import { lstat, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import type { SourceFile } from "../../core/submission/submission";
import { codeOf, isMissing } from "../../../../kit/folders/system-errors";
import { sortByName } from "../../../../kit/lib/sort-by-name";
import { problemOf } from "./problems";
import type { InputProblem } from "./problems";

/** Looks at a time: a network drive answers each after a while. */
const LOOKS_AT_A_TIME = 16;

/** What these are about is no folder, whatever else it is. */
const NO_FOLDER: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "ELOOP"]);

export interface WalkOptions {
  /** Names of files and folders that are left out wherever they are met below what was given. */
  readonly excludedNames: ReadonlySet<string>;
  /** Folders that are never input, whatever leads there: results, and the home of local runs. They need not exist. */
  readonly apart: readonly string[];
}

/** A file or folder that a walk has come to. */
interface Place {
  readonly name: string;
  readonly path: string;
  readonly stats: BigIntStats;
}
interface Link {
  readonly name: string;
  readonly path: string;
}

/**
 * Finds the files below paths. Links are followed; each file comes once, whatever leads to it: under the first path given, by a real name
 * before one through a link (one link before two), by the first name as S3 sorts. A folder that was walked isn't walked again, so that a
 * link to a folder above adds nothing. What can't be taken is noted, and the walk goes on.
 */
export class TreeWalk {
  public readonly files: SourceFile[] = [];
  public readonly problems: InputProblem[] = [];
  /** How often each name, or path of a folder apart, was left out. */
  public readonly leftOut = new Map<string, number>();
  /** Further names of files and folders that were found before. */
  public otherNames = 0;
  private readonly seen = new Set<string>();

  private constructor(
    private readonly excludedNames: ReadonlySet<string>,
    private readonly apart: ReadonlyMap<string, string>,
  ) {}

  public static async make({ apart, excludedNames }: WalkOptions): Promise<TreeWalk> {
    const identities = new Map<string, string>();
    for (const folder of apart) {
      const stats = await statIfThere(folder);
      if (stats !== undefined) identities.set(identityOf(stats, folder), folder);
    }
    return new TreeWalk(excludedNames, identities);
  }

  /**
   * Adds a path that was given: a file, or of a folder what is in it.
   *
   * @param as its name; empty for a folder whose files are named from it on. @default a file's base name, and none for a folder
   * @returns how much it led to that wasn't found before
   */
  public async add(root: string, as?: string): Promise<number> {
    const before = this.files.length + this.problems.length;
    const stats = await this.look(stat, as ?? path.basename(root), root);
    const folderName = as === undefined || as === "" ? "" : `${as}/`;
    const name = stats?.isDirectory() === true ? folderName : (as ?? path.basename(root));
    let places: Place[] = stats === undefined ? [] : [{ name, path: root, stats }];
    while (places.length > 0) places = await this.level(places);
    return this.files.length + this.problems.length - before;
  }

  /** @returns what the links of this level lead to */
  private async level(places: readonly Place[]): Promise<Place[]> {
    const files: Place[] = [];
    const links: Link[] = [];
    for (const place of places) {
      if (place.stats.isDirectory()) await this.walk(place, files, links);
      else files.push(place);
    }
    for (const file of sortByName(files)) this.take(file);
    const next: Place[] = [];
    await forEachConcurrently(links, LOOKS_AT_A_TIME, async (link) => {
      const stats = await this.look(stat, link.name, link.path, "a link that leads nowhere");
      if (stats !== undefined) next.push({ ...link, name: stats.isDirectory() ? `${link.name}/` : link.name, stats });
    });
    return sortByName(next);
  }

  private async walk(folder: Place, files: Place[], links: Link[]): Promise<void> {
    const identity = identityOf(folder.stats, folder.path);
    const apart = this.apart.get(identity);
    if (apart !== undefined) {
      this.leaveOut(apart);
      return;
    }
    if (this.isKnown(identity)) return;
    const folders: Place[] = [];
    await forEachConcurrently(await this.namesIn(folder), LOOKS_AT_A_TIME, async (name) => {
      if (this.excludedNames.has(name)) {
        this.leaveOut(name);
        return;
      }
      const child = { name: folder.name + name, path: path.join(folder.path, name) };
      const stats = await this.look(lstat, child.name, child.path);
      if (stats === undefined) return;
      if (stats.isSymbolicLink()) links.push(child);
      else if (stats.isDirectory()) folders.push({ ...child, name: `${child.name}/`, stats });
      else files.push({ ...child, stats });
    });
    for (const each of sortByName(folders)) await this.walk(each, files, links);
  }

  private take({ name, path: file, stats }: Place): void {
    if (!stats.isFile()) this.problems.push({ name, path: file, words: "neither a file nor a folder" });
    else if (!this.isKnown(identityOf(stats, file))) this.files.push({ name, path: file, size: Number(stats.size) });
  }

  /** Whether something was found before; from now on it was. */
  private isKnown(identity: string): boolean {
    if (this.seen.has(identity)) {
      this.otherNames += 1;
      return true;
    }
    this.seen.add(identity);
    return false;
  }

  private leaveOut(what: string): void {
    this.leftOut.set(what, (this.leftOut.get(what) ?? 0) + 1);
  }

  /** Names are bytes on Linux, but keys are UTF-8: other names can't be kept. */
  private async namesIn(folder: Place): Promise<string[]> {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    const found = await this.noting(folder.name, folder.path, readdir(folder.path, { encoding: "buffer", withFileTypes: true }));
    return (found ?? []).flatMap((entry) => {
      const bytes = entry.name;
      try {
        return [decoder.decode(bytes)];
      } catch {
        const about = bytes.toString("latin1");
        const words = `its name is not UTF-8 (bytes ${bytes.toString("hex")}): rename it`;
        const mayHold = entry.isDirectory() || entry.isSymbolicLink();
        this.problems.push({ name: folder.name + about, path: path.join(folder.path, about), words, mayHold });
        return [];
      }
    });
  }

  private look(
    how: (file: string, options: { bigint: true }) => Promise<BigIntStats>,
    name: string,
    file: string,
    wordsIfMissing?: string,
  ): Promise<BigIntStats | undefined> {
    return this.noting(name, file, how(file, { bigint: true }), wordsIfMissing);
  }

  private async noting<T>(name: string, file: string, work: Promise<T>, wordsIfMissing?: string): Promise<T | undefined> {
    try {
      return await work;
    } catch (error) {
      const problem = { ...problemOf(name, file, error), mayHold: !NO_FOLDER.has(codeOf(error)) };
      this.problems.push(wordsIfMissing !== undefined && isMissing(error) ? { ...problem, words: wordsIfMissing } : problem);
      return undefined;
    }
  }
}

/** A file system that numbers nothing has only paths. */
const identityOf = ({ dev, ino }: BigIntStats, file: string): string => (ino === 0n ? file : `${dev}:${ino}`);

async function statIfThere(folder: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(folder, { bigint: true });
  } catch (error) {
    // checked by whoever writes there
    if (codeOf(error) !== "") return undefined;
    throw error;
  }
}
