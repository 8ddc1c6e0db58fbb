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

interface Stats {
  readonly size: number;
  /** One device, whose files have no numbers: there are no links, so a path is a file's identity. */
  readonly dev: number;
  readonly ino: number;
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
  readonly isSymbolicLink: () => boolean;
}
/** Names may be bytes; here all of them are text. */
type Path = string | Buffer;

const textOf = (path: Path): string => path.toString();

const kindOf = (folder: boolean): Omit<Stats, "size" | "dev" | "ino"> => ({
  isFile: () => !folder,
  isDirectory: () => folder,
  isSymbolicLink: () => false,
});

const statOf = (path: Path, syscall: string): Promise<Stats> =>
  atomically(() => {
    const { folder, size } = currentVolume().stat(textOf(path), syscall);
    return { size, dev: 0, ino: 0, ...kindOf(folder) };
  });

export const stat = (path: Path): Promise<Stats> => statOf(path, "stat");

/** There are no links, so it is `stat`. */
export const lstat = (path: Path): Promise<Stats> => statOf(path, "lstat");

/** There are no links, so a path that is there is its own real one. */
export const realpath = (path: Path): Promise<string> =>
  atomically(() => {
    currentVolume().stat(textOf(path), "realpath");
    return textOf(path);
  });

interface Entry {
  readonly name: Buffer;
  readonly isFile: () => boolean;
  readonly isDirectory: () => boolean;
}
export function readdir(path: Path, options: { readonly encoding: "buffer" }): Promise<Buffer[]>;
export function readdir(path: Path, options: { readonly encoding: "buffer"; readonly withFileTypes: true }): Promise<Entry[]>;
export function readdir(path: Path): Promise<string[]>;
export function readdir(
  path: Path,
  { encoding, withFileTypes = false }: { readonly encoding?: "buffer"; readonly withFileTypes?: boolean } = {},
): Promise<(Buffer | Entry | string)[]> {
  return atomically(() =>
    currentVolume()
      .list(textOf(path))
      .map(({ name, folder }) => {
        if (encoding === undefined) return name;
        return withFileTypes ? { name: Buffer.from(name), ...kindOf(folder) } : Buffer.from(name);
      }),
  );
}

export const unlink = (path: Path): Promise<void> =>
  atomically(() => {
    currentVolume().removeFile(textOf(path));
  });

export const rmdir = (path: Path): Promise<void> =>
  atomically(() => {
    currentVolume().removeFolder(textOf(path));
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
