import { mkdtemp, realpath } from "node:fs/promises";
import path from "node:path";
import { writeMark } from "./mark";
import type { ProcessIdentity, RemovableKind } from "./mark";
import { removeFileIn, removeOwnedFolder, removeUnmarkedFolder } from "./removal";

export interface NewFolder {
  readonly kind: RemovableKind;
  /** Beginning of its name; six characters follow. @default the kind and `-` */
  readonly prefix?: string;
  /** The process it goes with. Absent for a folder inside one that has an owner. */
  readonly owner?: ProcessIdentity;
}

/** A folder that this process made and marked, and may remove. */
export class OwnedFolder {
  private constructor(
    /** Absolute, without a link on the way. */
    public readonly path: string,
  ) {}

  /** Makes a folder below an existing one, for this user only, and marks it before anything else is in it. */
  public static async create(parent: string, { kind, owner, prefix = `${kind}-` }: NewFolder): Promise<OwnedFolder> {
    const folder = await mkdtemp(path.join(await realpath(parent), prefix));
    try {
      const mark = { product: "filemill", kind, folder: path.basename(folder), ...(owner === undefined ? {} : { owner }) } as const;
      await writeMark(folder, mark, owner !== undefined);
    } catch (error) {
      await removeUnmarkedFolder(folder);
      throw error;
    }
    return new OwnedFolder(folder);
  }

  /** Removes a file of the folder; an absent one is fine. @throws NotOwnedError */
  public async removeFile(name: string): Promise<void> {
    await removeFileIn(this.path, name);
  }

  /** Removes the folder with all that is in it; a second time does nothing. @throws NotOwnedError, FolderBusyError */
  public async remove(): Promise<void> {
    await removeOwnedFolder(this.path);
  }
}

/**
 * Runs `use` with a folder of its own below `parent`; it is removed at the end, however that comes.
 *
 * @throws what `use` throws: a folder that can't be removed after a failure is not told above it, and goes with what it lies in
 */
export async function withOwnedFolder<T>(parent: string, options: NewFolder, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await OwnedFolder.create(parent, options);
  let result: T;
  try {
    result = await use(folder.path);
  } catch (error) {
    await folder.remove().catch(() => undefined);
    throw error;
  }
  await folder.remove();
  return result;
}
