import path from "node:path";
import { FileError } from "./file-system-errors";
import { MemoryFile } from "./memory-file";

/** How a file is opened: the flags of node:fs that our code uses. */
export type OpenFlags = "r" | "w" | "wx" | "a";

/** An open file. It outlives its name: a removed file can still be read by who has it open. */
export interface OpenFile {
  readonly file: MemoryFile | undefined;
  readonly flags: OpenFlags;
  position: number;
}

const ROOT = "/";
const SUFFIX_CHARACTERS = 6;

/** Files and folders in memory, by absolute path. Each call is one step that has happened when it returns. */
export class MemoryVolume {
  private readonly files = new Map<string, MemoryFile>();
  private readonly folders = new Set<string>([ROOT, "/tmp"]);
  private temporaryFolders = 0;
  private failingWrites = 0;

  /** Makes the next `count` writes fail with ENOSPC and write nothing. */
  public failNextWrites(count: number): void {
    this.failingWrites = count;
  }

  /** Paths of all files, sorted: what a run left behind. */
  public get paths(): string[] {
    return [...this.files.keys()].sort();
  }

  public open(name: string, flags: OpenFlags): OpenFile {
    const at = resolved(name);
    this.checkParent(at, "open", name);
    if (this.folders.has(at)) {
      if (flags === "wx") throw new FileError("EEXIST", "open", name);
      if (flags !== "r") throw new FileError("EISDIR", "open", name);
      return { file: undefined, flags, position: 0 };
    }
    let file = this.files.get(at);
    if (file !== undefined && flags === "wx") throw new FileError("EEXIST", "open", name);
    if (file === undefined && flags === "r") throw new FileError("ENOENT", "open", name);
    if (flags === "w") file?.truncate();
    file ??= new MemoryFile();
    this.files.set(at, file);
    return { file, flags, position: 0 };
  }

  public read(open: OpenFile, length: number): Buffer {
    if (open.file === undefined) throw new FileError("EISDIR", "read");
    if (open.flags !== "r") throw new FileError("EBADF", "read");
    const bytes = open.file.read(open.position, length);
    open.position += bytes.length;
    return bytes;
  }

  public write(open: OpenFile, data: Uint8Array): void {
    if (open.file === undefined || open.flags === "r") throw new FileError("EBADF", "write");
    if (data.length === 0) return;
    if (this.failingWrites > 0) {
      this.failingWrites -= 1;
      throw new FileError("ENOSPC", "write");
    }
    const position = open.flags === "a" ? open.file.size : open.position;
    open.file.write(data, position);
    open.position = position + data.length;
  }

  public stat(name: string, syscall = "stat"): { readonly size: number; readonly folder: boolean } {
    const at = resolved(name);
    this.checkParent(at, syscall, name);
    if (this.folders.has(at)) return { size: 0, folder: true };
    const file = this.files.get(at);
    if (file === undefined) throw new FileError("ENOENT", syscall, name);
    return { size: file.size, folder: false };
  }

  /** Makes a folder whose name begins with `prefix`; names follow one another, so that a run can be repeated exactly. */
  public makeTemporaryFolder(prefix: string): string {
    const parent = path.posix.dirname(resolved(`${prefix}X`));
    if (!this.folders.has(parent)) throw new FileError(this.files.has(parent) ? "ENOTDIR" : "ENOENT", "mkdtemp", `${prefix}XXXXXX`);
    this.temporaryFolders += 1;
    const name = `${prefix}${this.temporaryFolders.toString(36).padStart(SUFFIX_CHARACTERS, "0")}`;
    this.folders.add(resolved(name));
    return name;
  }

  /** @param recursive makes missing parents too, and takes a folder that is there */
  public makeFolder(name: string, recursive: boolean): void {
    const at = resolved(name);
    if (this.files.has(at) || (this.folders.has(at) && !recursive)) throw new FileError("EEXIST", "mkdir", name);
    if (recursive && at !== ROOT && !this.folders.has(path.posix.dirname(at))) this.makeParents(at, name);
    this.checkParent(at, "mkdir", name);
    this.folders.add(at);
  }

  /** Names of what lies in a folder. */
  public list(name: string): { readonly name: string; readonly folder: boolean }[] {
    const at = resolved(name);
    this.checkParent(at, "scandir", name);
    if (!this.folders.has(at)) throw new FileError(this.files.has(at) ? "ENOTDIR" : "ENOENT", "scandir", name);
    const inside = (each: string): boolean => each !== ROOT && path.posix.dirname(each) === at;
    return [...this.folders, ...this.files.keys()]
      .filter(inside)
      .map((each) => ({ name: path.posix.basename(each), folder: this.folders.has(each) }));
  }

  public removeFile(name: string): void {
    const at = resolved(name);
    this.checkParent(at, "unlink", name);
    if (this.folders.has(at)) throw new FileError("EISDIR", "unlink", name);
    if (!this.files.delete(at)) throw new FileError("ENOENT", "unlink", name);
  }

  public removeFolder(name: string): void {
    const at = resolved(name);
    this.checkParent(at, "rmdir", name);
    if (!this.folders.has(at)) throw new FileError(this.files.has(at) ? "ENOTDIR" : "ENOENT", "rmdir", name);
    if (this.list(name).length > 0) throw new FileError("ENOTEMPTY", "rmdir", name);
    this.folders.delete(at);
  }

  private makeParents(at: string, name: string): void {
    const parent = path.posix.dirname(at);
    if (this.files.has(parent)) throw new FileError("ENOTDIR", "mkdir", name);
    if (this.folders.has(parent)) return;
    this.makeParents(parent, name);
    this.folders.add(parent);
  }

  private checkParent(at: string, syscall: string, name: string): void {
    let parent = path.posix.dirname(at);
    if (this.folders.has(parent)) return;
    while (!this.folders.has(parent) && !this.files.has(parent)) parent = path.posix.dirname(parent);
    throw new FileError(this.files.has(parent) ? "ENOTDIR" : "ENOENT", syscall, name);
  }
}

const resolved = (name: string): string => path.posix.resolve(ROOT, name);

/** The volume that the stand-ins of node:fs and node:fs/promises share. */
let volume = new MemoryVolume();

export const currentVolume = (): MemoryVolume => volume;

/** Starts anew with an empty disk: a root folder and /tmp. */
export function resetVolume(): void {
  volume = new MemoryVolume();
}
