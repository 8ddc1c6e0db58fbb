import { open, rename } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { removeMadeFile } from "./removal";
import type { MadeFile } from "./removal";

/** A file that this process made under a name that nothing had: it becomes the file it is meant to be in one step, or goes. */
export class CreatedFile {
  private published = false;

  private constructor(
    private readonly handle: FileHandle,
    private readonly made: MadeFile,
  ) {}

  /** @param mode as umask leaves it @throws EEXIST when something has that name */
  public static async create(file: string, mode = 0o666): Promise<CreatedFile> {
    const handle = await open(file, "wx", mode);
    try {
      const { dev, ino } = await handle.stat({ bigint: true });
      return new CreatedFile(handle, { path: file, dev, ino });
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  public get path(): string {
    return this.made.path;
  }

  /** Writes what is given, piece by piece, and sees that it is on the disk. */
  public async write(pieces: Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>): Promise<void> {
    for await (const piece of pieces) await this.handle.appendFile(piece);
    await this.handle.sync();
  }

  /** Puts it in the place of `target`. A link there is replaced, not followed. */
  public async publish(target: string): Promise<void> {
    await this.handle.close();
    await rename(this.made.path, target);
    this.published = true;
  }

  /** Removes it unless it was published; a second time does nothing. */
  public async discard(): Promise<void> {
    await this.handle.close();
    if (!this.published) await removeMadeFile(this.made);
  }
}
