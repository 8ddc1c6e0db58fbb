import { createHash } from "node:crypto";
import type { NameFilter } from "../../contracts/batch";
import { archiveFormat, isNamedArchive, type Archive } from "../../../../kit/lib/archives/archive";
import { archiveMembers } from "../../../../kit/lib/archives/archive-members";
import { ArchiveLimitError, BrokenArchiveError } from "../../../../kit/lib/archives/errors";
import { memberName, type ArchiveMember } from "../../../../kit/lib/archives/member";
import { forEachConcurrently } from "../../../../kit/lib/for-each-concurrently";
import { nameFilter, type NamePredicate } from "../../core/sources/name-filter";
import type { SourceFile } from "../../core/submission/submission";
import { problemOf, type InputProblem } from "./problems";

/** Unpacking and hashing are one core's work each; a slow disk has something to wait for. */
const ARCHIVES_AT_A_TIME = 2;

/** What archives came to. */
export interface OpenedArchives {
  readonly files: readonly SourceFile[];
  readonly problems: readonly InputProblem[];
  /** Archives that were read to their end. */
  readonly opened: number;
  /** Names of archives without a file. */
  readonly empty: readonly string[];
  /** Links in them: what they lead to is a member itself, or nothing that an archive could lead to. */
  readonly links: number;
  /** Members that are archives themselves, and are taken as they are. */
  readonly nested: number;
  /** Members that the filter leaves out. */
  readonly filteredOut: number;
  /** How often each name was left out by default. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export interface OpenOptions {
  readonly filter: NameFilter | undefined;
  /** Parts of members' names that are left out. */
  readonly excludedNames: ReadonlySet<string>;
  readonly signal?: AbortSignal;
}

/** Whether a file is one that `openArchives` takes: it is named as an archive, and no pattern excludes it. */
export const isToOpen = (name: string, filter: NameFilter | undefined): boolean =>
  isNamedArchive(name) && nameFilter({ include: [], exclude: filter?.exclude ?? [] })(name);

/**
 * Reads archives: each member is a file `archive.zip/member`, with its size and hash. Nothing is unpacked to disk. A pattern that includes
 * an archive includes all that is in it.
 *
 * @param archives as they were found, each named as an archive
 * @throws the signal's reason
 */
export async function openArchives(archives: readonly SourceFile[], options: OpenOptions): Promise<OpenedArchives> {
  const each = new Array<Opening>(archives.length);
  await forEachConcurrently(
    archives.entries(),
    ARCHIVES_AT_A_TIME,
    async ([index, archive]) => {
      each[index] = await new Opening(archive, options).done();
    },
    options.signal,
  );
  const leftOut = new Map<string, number>();
  for (const [name, times] of each.flatMap((opening) => [...opening.leftOut])) leftOut.set(name, (leftOut.get(name) ?? 0) + times);
  const sum = (count: (opening: Opening) => number): number => each.reduce((total, opening) => total + count(opening), 0);
  return {
    files: each.flatMap(({ files }) => files),
    problems: each.flatMap(({ problems }) => problems),
    opened: sum(({ isWhole }) => Number(isWhole)),
    empty: each.flatMap(({ archive, isEmpty }) => (isEmpty ? [archive.name] : [])),
    links: sum(({ links }) => links),
    nested: sum(({ nested }) => nested),
    filteredOut: sum(({ filteredOut }) => filteredOut),
    leftOut,
  };
}

/** One archive, and what was found in it. */
class Opening {
  public files: SourceFile[] = [];
  public problems: InputProblem[] = [];
  public readonly leftOut = new Map<string, number>();
  public links = 0;
  public nested = 0;
  public filteredOut = 0;
  /** It was read to its end. */
  public isWhole = false;
  private readonly names = new Set<string>();
  private readonly isMeant: NamePredicate;

  public constructor(
    public readonly archive: SourceFile,
    private readonly options: OpenOptions,
  ) {
    const { exclude = [], include = [] } = options.filter ?? {};
    const all = include.length === 0 || nameFilter({ include, exclude: [] })(archive.name);
    this.isMeant = nameFilter({ include: all ? [] : include, exclude });
  }

  public get isEmpty(): boolean {
    return this.isWhole && this.names.size === 0 && this.problems.length === 0 && this.leftOut.size === 0;
  }

  public async done(): Promise<this> {
    const { name, path } = this.archive;
    try {
      const format = await archiveFormat(path);
      if (format === undefined) this.refuse("it is named as an archive and is none: rename it, or take it as it is with --keep-archives");
      else await this.read({ path, format });
    } catch (error) {
      this.options.signal?.throwIfAborted();
      if (error instanceof ArchiveLimitError) this.refuse(`${error.message}: pack what you need of it in smaller archives, or unpack it`);
      else if (error instanceof BrokenArchiveError) this.refuse(`a broken archive: ${error.message}: get it again, or pack it again`);
      else this.problems = [{ ...problemOf(name, path, error), mayHold: true }];
    }
    return this;
  }

  /** Nothing of it is taken: what was read before may be as wrong. */
  private refuse(words: string): void {
    const { name, path } = this.archive;
    this.files = [];
    this.problems = [{ name, path, words, mayHold: true }];
  }

  private async read(archive: Archive): Promise<void> {
    for await (const member of archiveMembers(archive)) {
      this.options.signal?.throwIfAborted();
      await this.take(archive, member);
    }
    this.isWhole = true;
  }

  private async take(archive: Archive, member: ArchiveMember): Promise<void> {
    if (member.kind === "folder") return;
    if (member.kind === "link") {
      this.links += 1;
      return;
    }
    const named = memberName(member.rawName);
    const within = "name" in named ? named.name : member.rawName;
    const name = `${this.archive.name}/${within}`;
    const excluded = within.split("/").find((part) => this.options.excludedNames.has(part));
    if (excluded !== undefined) {
      this.leftOut.set(excluded, (this.leftOut.get(excluded) ?? 0) + 1);
      return;
    }
    if (!this.isMeant(name)) {
      this.filteredOut += 1;
      return;
    }
    const path = `${this.archive.path}/${within}`;
    const words = this.problemWith(member, named);
    if (words !== undefined) {
      this.problems.push({ name, path, words });
      return;
    }
    this.names.add(within);
    if (isNamedArchive(within)) this.nested += 1;
    const { sha256, size } = await this.hash(member);
    this.files.push({ name, path, size, member: { archive, position: member.position, sha256 } });
  }

  private problemWith({ kind, unreadable }: ArchiveMember, named: ReturnType<typeof memberName>): string | undefined {
    if ("problem" in named) return named.problem;
    if (kind === "other") return "neither a file nor a folder";
    if (unreadable !== undefined) return unreadable;
    return this.names.has(named.name)
      ? "its archive has another member of this name before it: pack it again without one of them"
      : undefined;
  }

  private async hash(member: ArchiveMember): Promise<{ readonly sha256: string; readonly size: number }> {
    const hash = createHash("sha256");
    let size = 0;
    for await (const piece of member.content()) {
      this.options.signal?.throwIfAborted();
      hash.update(piece);
      size += piece.length;
    }
    return { sha256: hash.digest("hex"), size };
  }
}
