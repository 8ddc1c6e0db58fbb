import { constants } from "node:os";

const DESCRIPTIONS = {
  EACCES: "permission denied",
  EBADF: "bad file descriptor",
  EEXIST: "file already exists",
  EISDIR: "illegal operation on a directory",
  ENOENT: "no such file or directory",
  ENOSPC: "no space left on device",
  ENOTDIR: "not a directory",
  ENOTEMPTY: "directory not empty",
} as const;
export type FileErrorCode = keyof typeof DESCRIPTIONS;

/** An error as Node's file system throws it. https://nodejs.org/api/errors.html#class-systemerror */
export class FileError extends Error implements NodeJS.ErrnoException {
  public readonly errno: number;
  public readonly path?: string;

  public constructor(
    public readonly code: FileErrorCode,
    public readonly syscall: string,
    path?: string,
  ) {
    super(`${code}: ${DESCRIPTIONS[code]}, ${syscall}${path === undefined ? "" : ` '${path}'`}`);
    this.errno = -constants.errno[code];
    if (path !== undefined) this.path = path;
  }
}
