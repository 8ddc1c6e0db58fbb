import type { FileResult, QuarantineReason, SkipReason } from "../../contracts/files";
import type { FileIdentity } from "../../../../kit/ports/object-identity";
import type { ExpectedCounts, FileKind } from "./sim-files";

/** A file's content at some time, by what S3 knows it by. */
interface KnownVersion {
  readonly etag: string;
  readonly counts: ExpectedCounts | undefined;
}

/** What the world did to the files, and so what may become of each. */
export class Expectations {
  private readonly files = new Map<
    string,
    { readonly kind: FileKind; readonly versions: KnownVersion[]; readonly happened: Set<QuarantineReason> }
  >();

  public put(key: string, kind: FileKind, version: KnownVersion): void {
    const known = this.files.get(key);
    if (known === undefined) {
      this.files.set(key, { kind, versions: [version], happened: new Set() });
      return;
    }
    known.versions.push(version);
    known.happened.add("changed");
  }

  /** Something that makes this reason a true one from now on. */
  public happened(key: string, reason: QuarantineReason): void {
    this.files.get(key)?.happened.add(reason);
  }

  public wasDeleted(key: string): boolean {
    return this.files.get(key)?.happened.has("missing") === true;
  }

  public kindOf(key: string): FileKind | undefined {
    return this.files.get(key)?.kind;
  }

  public countsOf({ key, etag }: Pick<FileIdentity, "key" | "etag">): ExpectedCounts | undefined {
    return this.files.get(key)?.versions.find((version) => version.etag === etag)?.counts;
  }

  public get hangingCount(): number {
    return [...this.files.values()].filter(({ kind }) => kind === "hangs").length;
  }

  /** Files that end the process which works on them. */
  public get killerCount(): number {
    return [...this.files.values()].filter(({ kind }) => isKiller(kind)).length;
  }

  /** ETag of what the file holds now. */
  public latestEtagOf(key: string): string | undefined {
    return this.files.get(key)?.versions.at(-1)?.etag;
  }

  /** @returns what is wrong with a file's state, or undefined */
  public objection(
    file: Pick<FileIdentity, "key" | "etag">,
    { reason, status }: Pick<FileResult, "status" | "reason">,
  ): string | undefined {
    const known = this.files.get(file.key);
    if (known === undefined) return "it was never a file of the batch";
    if (status === "unfinished") return undefined;
    if (status === "processed") return this.countsOf(file) === undefined ? `a ${known.kind} file can't be processed` : undefined;
    // these two are held against what happened where they are committed (ledger-watch)
    if (reason === "kills-worker" || reason === "workload-error") return undefined;
    if (reason !== undefined && (known.happened as ReadonlySet<string>).has(reason)) return undefined;
    return this.allowedReason(known.kind) === reason
      ? undefined
      : `nothing happened to a ${known.kind} file that makes it ${status} for '${reason ?? "no reason"}'`;
  }

  private allowedReason(kind: FileKind): SkipReason | QuarantineReason | undefined {
    switch (kind) {
      case "not-text":
      case "compressed":
        return kind;
      case "broken-gzip":
        return "corrupt-gzip";
      case "archived":
        return "archived";
      case "denied":
        return "access-denied";
      case "killer":
        return "kills-worker";
      case "hangs":
        return "workload-error";
      default:
        return undefined;
    }
  }
}

/** A file that hangs ends its process on Lambda, by the function's timeout. */
const isKiller = (kind: FileKind): boolean => kind === "killer" || kind === "hangs";
