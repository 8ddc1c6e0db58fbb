import { FileError } from "../file-system-errors";
import { atomically } from "../atomically";
import { currentVolume, type MemoryVolume, type OpenFile, type OpenFlags } from "../memory-file-system";

export { resetVolume } from "../memory-file-system";

/** What node:fs/promises gives our code, on the volume in memory: a step has happened at the call and is told in a later microtask. */
type Data = string | Uint8Array;

/** More than a file here can have. */
const WHOLE = Number.MAX_SAFE_INTEGER;

const bytesOf = (data: Data): Uint8Array => (typeof data === "string" ? Buffer.from(data) : data);

export class FileHandle {
  private closed = false;

  public constructor(
    private readonly volume: MemoryVolume,
    private readonly open: OpenFile,
  ) {}

  /** Writes where the last write ended. */
  public writeFile(data: Data): Promise<void> {
    return atomically(() => {
      this.volume.write(this.usable("write"), bytesOf(data));
    });
  }
  public appendFile(data: Data): Promise<void> {
    return this.writeFile(data);
  }
  /** Reads on where the last read ended. */
  public read<T extends Uint8Array>(buffer: T, offset = 0, length = buffer.length - offset): Promise<{ bytesRead: number; buffer: T }> {
    return atomically(() => {
      const bytes = this.volume.read(this.usable("read"), length);
      buffer.set(bytes, offset);
      return { bytesRead: bytes.length, buffer };
    });
  }
  /** A second close does nothing. */
  public close(): Promise<void> {
    return atomically(() => {
      this.closed = true;
    });
  }

  private usable(syscall: string): OpenFile {
    if (this.closed) throw new FileError("EBADF", syscall);
    return this.open;
  }
}

export const open = (path: string, flags: OpenFlags = "r"): Promise<FileHandle> =>
  atomically(() => {
    const volume = currentVolume();
    return new FileHandle(volume, volume.open(path, flags));
  });

export const mkdtemp = (prefix: string): Promise<string> => atomically(() => currentVolume().makeTemporaryFolder(prefix));

export const mkdir = (path: string, { recursive = false } = {}): Promise<void> =>
  atomically(() => {
    currentVolume().makeFolder(path, recursive);
  });

export const rm = (path: string, { recursive = false, force = false } = {}): Promise<void> =>
  atomically(() => {
    const volume = currentVolume();
    const found = lookedUp(volume, path, force);
    if (found?.folder === true && !recursive) throw new FolderRemovalError(path);
    volume.remove(path);
  });

export const stat = (path: string): Promise<{ size: number; isFile: () => boolean; isDirectory: () => boolean }> =>
  atomically(() => {
    const { folder, size } = currentVolume().stat(path);
    return { size, isFile: () => !folder, isDirectory: () => folder };
  });

export function readFile(path: string): Promise<Buffer>;
export function readFile(path: string, encoding: BufferEncoding): Promise<string>;
export function readFile(path: string, encoding?: BufferEncoding): Promise<Buffer | string> {
  return atomically(() => {
    const volume = currentVolume();
    const bytes = volume.read(volume.open(path, "r"), WHOLE);
    return encoding === undefined ? bytes : bytes.toString(encoding);
  });
}

export const writeFile = (path: string, data: Data): Promise<void> =>
  atomically(() => {
    const volume = currentVolume();
    volume.write(volume.open(path, "w"), bytesOf(data));
  });

export const appendFile = (path: string, data: Data): Promise<void> =>
  atomically(() => {
    const volume = currentVolume();
    volume.write(volume.open(path, "a"), bytesOf(data));
  });

/** What Node says when a folder is removed as if it were a file. https://nodejs.org/api/errors.html#err_fs_eisdir */
class FolderRemovalError extends Error {
  public readonly code = "ERR_FS_EISDIR";
  public readonly syscall = "rm";
  public constructor(path: string) {
    super(`Path is a directory: rm returned EISDIR (is a directory) ${path}`);
    this.name = "SystemError";
  }
}

function lookedUp(volume: MemoryVolume, path: string, missingIsFine: boolean): ReturnType<MemoryVolume["stat"]> | undefined {
  try {
    return volume.stat(path, "lstat");
  } catch (error) {
    if (missingIsFine && error instanceof FileError && error.code === "ENOENT") return undefined;
    throw error;
  }
}
